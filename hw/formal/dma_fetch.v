// SPDX-License-Identifier: Apache-2.0
//
// dma_fetch: of each ring, taken <= filled <= fetched <= tail, at most eight descriptors are held, a line asked for is where the ring
// has the next descriptors, and holds only such that the host has given. What is taken are the descriptors of the ring one after the
// other, each once, as they stood in the line of their index; also after a ring went off while a line was on its way.
//@ sources: hw/rtl/dma/dma_fetch.v
//@ bound: 8
//@ induction: 2
//@ break: hw/rtl/dma/dma_fetch.v: s/fetched_q - taken_q <= 16'd4/fetched_q - taken_q <= 16'd8/
//@ break: hw/rtl/dma/dma_fetch.v: s/stale_d   = busy_d/stale_d   = 1'b0/
//@ break: hw/rtl/dma/dma_fetch.v: s/given < {13'd0, rest} ? given\[2:0\] : rest/rest/
//@ break: hw/rtl/dma/dma_fetch.v: s/line_index - 16'd1/line_index/
//@ break: hw/rtl/dma/dma_fetch.v: s/on_i\[q\] \&\& !busy_q \&\& given/on_i[q] \&\& given/
//@ break: hw/rtl/dma/dma_fetch.v: s/16'hffff << req_log/16'hfffe << req_log/

`default_nettype none

module dma_fetch_proof (
	input wire         clk_i,
	input wire         rst_i,
	input wire [1:0]   on_i,
	input wire [115:0] base_i,
	input wire [7:0]   log_i,
	input wire [31:0]  tail_i,
	input wire         req_ready_i, line_valid_i, line_error_i, line_ring_i, ring_i, take_i,
	input wire [511:0] line_i
);
	localparam Rings = 2;

	wire [1:0]   busy, have, empty;
	wire         req_valid, req_ring, error;
	wire [57:0]  req_line;
	wire [127:0] desc;
	wire [15:0]  index;
	wire         go = req_valid && req_ready_i;

	dma_fetch #(.Queues(Rings)) dut (
		.clk_i(clk_i), .rst_i(rst_i), .on_i(on_i), .base_i(base_i), .log_i(log_i), .tail_i(tail_i), .busy_o(busy), .req_valid_o(req_valid),
		.req_line_o(req_line), .req_ring_o(req_ring), .req_ready_i(req_ready_i), .line_valid_i(line_valid_i),
		.line_error_i(line_error_i), .line_ring_i(line_ring_i), .line_i(line_i), .error_o(error), .have_o(have), .empty_o(empty),
		.ring_i(ring_i), .desc_o(desc), .index_o(index), .take_i(take_i)
	);

	(* hierconn *) wire [15:0] \dut.g_ring[0].taken_q , \dut.g_ring[0].filled_q , \dut.g_ring[0].fetched_q ;
	(* hierconn *) wire [15:0] \dut.g_ring[1].taken_q , \dut.g_ring[1].filled_q , \dut.g_ring[1].fetched_q ;
	(* hierconn *) wire        \dut.g_ring[0].stale_q , \dut.g_ring[1].stale_q ;
	(* hierconn *) wire [127:0] \dut.g_cache[0].mem.mem_q[0] , \dut.g_cache[0].mem.mem_q[1] , \dut.g_cache[0].mem.mem_q[2] , \dut.g_cache[0].mem.mem_q[3] ;
	(* hierconn *) wire [127:0] \dut.g_cache[1].mem.mem_q[0] , \dut.g_cache[1].mem.mem_q[1] , \dut.g_cache[1].mem.mem_q[2] , \dut.g_cache[1].mem.mem_q[3] ;
	(* hierconn *) wire [127:0] \dut.g_cache[2].mem.mem_q[0] , \dut.g_cache[2].mem.mem_q[1] , \dut.g_cache[2].mem.mem_q[2] , \dut.g_cache[2].mem.mem_q[3] ;
	(* hierconn *) wire [127:0] \dut.g_cache[3].mem.mem_q[0] , \dut.g_cache[3].mem.mem_q[1] , \dut.g_cache[3].mem.mem_q[2] , \dut.g_cache[3].mem.mem_q[3] ;
	wire [31:0] taken   = {\dut.g_ring[1].taken_q , \dut.g_ring[0].taken_q };
	wire [31:0] filled  = {\dut.g_ring[1].filled_q , \dut.g_ring[0].filled_q };
	wire [31:0] fetched = {\dut.g_ring[1].fetched_q , \dut.g_ring[0].fetched_q };
	wire [1:0]  stale   = {\dut.g_ring[1].stale_q , \dut.g_ring[0].stale_q };
	// Four bits of each descriptor are looked at: those of the index it has in its ring. Eight of a ring, by the lower bits of the index.
	wire [63:0] cache = {\dut.g_cache[3].mem.mem_q[3] [3:0], \dut.g_cache[2].mem.mem_q[3] [3:0], \dut.g_cache[1].mem.mem_q[3] [3:0], \dut.g_cache[0].mem.mem_q[3] [3:0],
		\dut.g_cache[3].mem.mem_q[2] [3:0], \dut.g_cache[2].mem.mem_q[2] [3:0], \dut.g_cache[1].mem.mem_q[2] [3:0], \dut.g_cache[0].mem.mem_q[2] [3:0],
		\dut.g_cache[3].mem.mem_q[1] [3:0], \dut.g_cache[2].mem.mem_q[1] [3:0], \dut.g_cache[1].mem.mem_q[1] [3:0], \dut.g_cache[0].mem.mem_q[1] [3:0],
		\dut.g_cache[3].mem.mem_q[0] [3:0], \dut.g_cache[2].mem.mem_q[0] [3:0], \dut.g_cache[1].mem.mem_q[0] [3:0], \dut.g_cache[0].mem.mem_q[0] [3:0]};

	// The clock before; how many were taken since the ring came on; descriptors on their way.
	reg [1:0]  on_q, error_q, asked_q;
	reg [31:0] tail_q, before_q, uses_q;
	reg [7:0]  log_q;
	reg [15:0] way_q;
	reg        started_q = 0;
	integer    q;
	reg [2:0]  k;

	always @(posedge clk_i) begin
		started_q <= 1;
		on_q      <= rst_i ? 2'd0 : on_i;
		tail_q    <= tail_i;
		before_q  <= taken;
		log_q     <= log_i;
		error_q   <= error && !rst_i ? 2'd1 << line_ring_i : 2'd0;
		for (q = 0; q < Rings; q = q + 1) begin
			if (rst_i || !on_i[q]) uses_q[16*q +: 16] <= 16'd0;
			else if (take_i && ring_i == q) uses_q[16*q +: 16] <= uses_q[16*q +: 16] + 16'd1;
			if (rst_i || (line_valid_i && line_ring_i == q)) asked_q[q] <= 1'b0;
			else if (go && req_ring == q) asked_q[q] <= 1'b1;
		end
	end

	// A line holds the descriptors of the indices it was asked for; also those in front that are not taken yet, as the host lets them be.
	wire [15:0] line_last  = fetched[16*line_ring_i +: 16] - 16'd1;
	wire [15:0] line_taken = taken[16*line_ring_i +: 16];
	wire [15:0] line_held  = fetched[16*line_ring_i +: 16] - line_taken;

	always @(*) begin
		assume(started_q || rst_i);
		assume(!take_i || have[ring_i]);
		assume(!line_valid_i || asked_q[line_ring_i]);
		for (k = 0; k < 4; k = k + 1)
			if (line_valid_i && {line_last[15:2], k[1:0]} - line_taken < line_held)
				assume(line_i[128*k +: 4] == {line_last[3:2], k[1:0]});
	end

	wire [15:0] req_size  = 16'd1 << log_i[4*req_ring +: 4];
	wire [15:0] req_place = fetched[16*req_ring +: 16] & (req_size - 16'd1);

	always @(*) if (started_q) begin
		if (take_i) assert(index == uses_q[16*ring_i +: 16] && desc[3:0] == index[3:0]);
		if (go) assert(on_i[req_ring] && !busy[req_ring] && req_line == base_i[58*req_ring +: 58] + req_place[15:2]);
	end

	genvar r, h;
	generate
		for (r = 0; r < Rings; r = r + 1) begin : g_ring
			wire [3:0]  log   = log_i[4*r +: 4];
			wire [15:0] tail  = tail_i[16*r +: 16], first = taken[16*r +: 16];
			wire [15:0] given = tail - before_q[16*r +: 16], given_before = tail_q[16*r +: 16] - before_q[16*r +: 16];
			wire [15:0] size  = 16'd1 << log;
			wire [15:0] use   = tail - first;                      // given and not taken
			wire [15:0] held  = fetched[16*r +: 16] - first;       // of these, asked for
			wire [15:0] here  = filled[16*r +: 16] - first;        // of these, here
			wire [15:0] last  = fetched[16*r +: 16] - 16'd1;

			// What dma_queue promises.
			always @(*) begin
				assume(log >= 4'd2);
				assume(!error_q[r] || !on_i[r]);
				if (!on_q[r]) assume(tail == 16'd0);
				else assume(given <= size && given >= given_before && log == log_q[4*r +: 4]);
			end

			always @(*) if (started_q) begin
				assert(here <= held && held <= use && use <= size && held <= 16'd8);
				assert(busy[r] == asked_q[r]);
				assert(!stale[r] || (busy[r] && fetched[16*r +: 16] == 16'd0));
				assert(uses_q[16*r +: 16] == first);
				assert(empty[r] == (use == 16'd0));
				assert(have[r] == (on_i[r] && here != 16'd0));
				if (on_i[r]) assert((here == held) == (!busy[r] || stale[r]));
				if (!on_q[r]) assert({taken[16*r +: 16], filled[16*r +: 16], fetched[16*r +: 16]} == 48'd0);
				// Those on their way are in one line of four, which takes no place of those that are here.
				if (here != held) assert(here <= 16'd4 && last[15:2] == filled[16*r+2 +: 14]);
			end
			for (h = 0; h < 8; h = h + 1) begin : g_held
				wire [15:0] at = first + h;
				always @(*) if (started_q && h < here) assert(cache[32*r + 4*at[2:0] +: 4] == at[3:0]);
			end
		end
	endgenerate
endmodule
