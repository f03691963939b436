// SPDX-License-Identifier: Apache-2.0
//
// csr_counters: a snapshot shows of every counter the events of all clocks before it, none twice and none missing, as long as it is not
// busy; nothing is shown before the first one. Followed for one counter, whichever it is, modulo 256.
//@ sources: hw/rtl/csr/csr_counters.v
//@ bound: 14
//@ induction: 2
//@ break: hw/rtl/csr/csr_counters.v: s/if (snapshot_i) keep_q <= sum;/if (snapshot_i) keep_q <= sum_q;/
//@ break: hw/rtl/csr/csr_counters.v: s/slot_q == Slot ? step : more/more/
//@ break: hw/rtl/csr/csr_counters.v: s/LastSlot\[SW-1:0\]} + {1'b0, One}/LastSlot[SW-1:0]}/
//@ break: hw/rtl/csr/csr_counters.v: s/old_q ? stored : 64'd0/stored/
//@ break: hw/rtl/csr/csr_counters.v: s/shown_q \&\& !busy_o/shown_q/

`default_nettype none

module csr_counters_proof (
	input wire       clk_i,
	input wire       rst_i,
	input wire [3:0] event_i,
	input wire       snapshot_i,
	input wire [1:0] index_i,
	input wire [1:0] pick_i           // the counter that is followed
);
	wire        busy;
	wire [63:0] value;

	csr_counters #(.Count(4)) dut (
		.clk_i(clk_i), .rst_i(rst_i), .event_i(event_i), .bytes_i(48'd0), .snapshot_i(snapshot_i), .busy_o(busy), .index_i(index_i),
		.value_o(value)
	);

	(* hierconn *) wire [1:0]  \dut.slot_q , \dut.at_q ;
	(* hierconn *) wire [2:0]  \dut.left_q ;
	(* hierconn *) wire [12:0] \dut.add_q , \dut.keep_q ;
	(* hierconn *) wire        \dut.round_q , \dut.old_q , \dut.copy_q , \dut.shown_q ;
	(* hierconn *) wire        \dut.g_slot[0].event_q , \dut.g_slot[1].event_q , \dut.g_slot[2].event_q , \dut.g_slot[3].event_q ;
	(* hierconn *) wire [2:0]  \dut.g_slot[0].sum_q , \dut.g_slot[1].sum_q , \dut.g_slot[2].sum_q , \dut.g_slot[3].sum_q ;
	(* hierconn *) wire [2:0]  \dut.g_slot[0].keep_q , \dut.g_slot[1].keep_q , \dut.g_slot[2].keep_q , \dut.g_slot[3].keep_q ;
	(* hierconn *) wire [63:0] \dut.counts.mem_q[0] , \dut.counts.mem_q[1] , \dut.counts.mem_q[2] , \dut.counts.mem_q[3] ;
	(* hierconn *) wire [63:0] \dut.copies.mem_q[0] , \dut.copies.mem_q[1] , \dut.copies.mem_q[2] , \dut.copies.mem_q[3] ;
	wire [3:0]  events = {\dut.g_slot[3].event_q , \dut.g_slot[2].event_q , \dut.g_slot[1].event_q , \dut.g_slot[0].event_q };
	wire [11:0] sums   = {\dut.g_slot[3].sum_q , \dut.g_slot[2].sum_q , \dut.g_slot[1].sum_q , \dut.g_slot[0].sum_q };
	wire [11:0] keeps  = {\dut.g_slot[3].keep_q , \dut.g_slot[2].keep_q , \dut.g_slot[1].keep_q , \dut.g_slot[0].keep_q };
	wire [31:0] counts = {\dut.counts.mem_q[3] [7:0], \dut.counts.mem_q[2] [7:0], \dut.counts.mem_q[1] [7:0], \dut.counts.mem_q[0] [7:0]};
	wire [31:0] copies = {\dut.copies.mem_q[3] [7:0], \dut.copies.mem_q[2] [7:0], \dut.copies.mem_q[1] [7:0], \dut.copies.mem_q[0] [7:0]};
	wire [2:0]  sum    = sums[3*pick_i +: 3], kept = keeps[3*pick_i +: 3];
	wire [7:0]  copy   = copies[8*pick_i +: 8];
	wire        here   = \dut.at_q == pick_i;

	// Events before this clock; those before the last snapshot, which is not in the copy yet; is the counter in memory?
	reg [7:0]  total_q, snap_q;
	reg [1:0]  pick_q;
	reg        pending_q, just_q, known_q, first_q, started_q = 0;
	wire [7:0] stored = known_q ? counts[8*pick_i +: 8] : 8'd0;
	wire [7:0] adding = here && !first_q ? \dut.add_q [7:0] : 8'd0;
	wire [1:0] distance = pick_i - \dut.slot_q ;
	// Gathered since its turn: one event a clock at most.
	wire [2:0] since = distance == 2'd0 ? 3'd4 : 3'd4 - {1'b0, distance};

	always @(posedge clk_i) begin
		started_q <= 1;
		pick_q    <= pick_i;
		first_q   <= rst_i;
		just_q    <= snapshot_i && !rst_i;
		total_q   <= rst_i ? 8'd0 : total_q + event_i[pick_i];
		known_q   <= !rst_i && (known_q || (here && !first_q));
		if (snapshot_i) snap_q <= total_q;
		pending_q <= !rst_i && (snapshot_i || (pending_q && !(\dut.copy_q && here && !just_q)));
	end

	always @(*) begin
		assume(started_q || rst_i);
		if (started_q) assume(pick_i == pick_q);
	end

	always @(*) if (started_q) begin
		if (\dut.shown_q && !busy && index_i == pick_i) assert(value[7:0] == snap_q);
		if (!\dut.shown_q || busy) assert(value == 64'd0);
		// Inside: memory, what is on its way there and what is gathered make the total.
		assert(total_q == stored + adding + sum + events[pick_i]);
		assert(sum <= since);
		if (first_q) assert(\dut.slot_q == 0 && !\dut.round_q && !\dut.copy_q && !\dut.shown_q && \dut.left_q == 0 && sum == 0);
		else assert(\dut.slot_q == \dut.at_q + 2'd1 || (\dut.slot_q == 2'd1 && \dut.at_q == 2'd0));
		if (!first_q) assert(known_q == (\dut.old_q || \dut.at_q > pick_i));
		if (!first_q) assert(\dut.round_q == (\dut.old_q || \dut.at_q == 2'd3));
		assert(!first_q || !known_q);
		if (pending_q) assert(snap_q == stored + (just_q ? adding : 8'd0) + kept);
		if (pending_q && !just_q && here) assert(\dut.copy_q && \dut.keep_q [7:0] == kept);
		if (pending_q) assert(\dut.left_q > distance || (\dut.copy_q && here && !just_q));
		if (!pending_q) assert(!(\dut.copy_q && here) && {1'b0, distance} >= \dut.left_q );
		if (!just_q) assert(\dut.left_q != 4 && (\dut.left_q == 0 || \dut.copy_q ));
		if (\dut.shown_q && !pending_q) assert(copy == snap_q);
		assert(\dut.left_q <= 4 && (!pending_q || \dut.shown_q ));
		assert(!just_q || pending_q);
	end
endmodule
