// SPDX-License-Identifier: Apache-2.0
//
// pkt_store: rows come out as they went in, in that order, once, and only when they are committed: one that was taken back is never
// shown. A committed row is shown two clocks later at the latest. As long as nothing is written into a full store, never are more
// rows in use than it has.
//@ sources: hw/rtl/pkt/pkt_store.v
//@ bound: 8
//@ induction: 2
//@ break: hw/rtl/pkt/pkt_store.v: s/if (rollback_i) wr_d/if (rollback_i \&\& !write_i) wr_d/
//@ break: hw/rtl/pkt/pkt_store.v: s/: rd_q != commit_q/: rd_q != wr_q/
//@ break: hw/rtl/pkt/pkt_store.v: s/take_i ? next_q != commit_q : rd_q/rd_q/
//@ break: hw/rtl/pkt/pkt_store.v: s/.waddr_i(wr_q/.waddr_i(rd_q/
//@ break: hw/rtl/pkt/pkt_store.v: s/if (commit_i) commit_q <= wr_d/if (commit_i) commit_q <= wr_q/

`default_nettype none

module pkt_store_proof (
	input wire       clk_i,
	input wire       rst_i,
	input wire       write_i, commit_i, rollback_i, take_i,
	input wire [1:0] row_i
);
	localparam Rows = 4;

	wire       valid;
	wire [1:0] row;
	wire [2:0] used;

	pkt_store #(.Width(2), .Rows(Rows)) dut (
		.clk_i(clk_i), .rst_i(rst_i), .write_i(write_i), .row_i(row_i), .commit_i(commit_i), .rollback_i(rollback_i), .used_o(used),
		.valid_o(valid), .row_o(row), .take_i(take_i)
	);

	// The model: rows in a shift register, the first one lowest; how many there are, how many of them are committed.
	reg [7:0]  model_q, model_d;
	reg [2:0]  count_q, count_d, sure_q, sure_d;
	reg        shown_q;
	reg        started_q = 0;
	wire [2:0] at = count_q - {2'd0, take_i};

	always @(*) begin
		model_d = take_i ? model_q >> 2 : model_q;
		if (write_i) model_d[2*at[1:0] +: 2] = row_i;
		sure_d  = sure_q - {2'd0, take_i};
		count_d = at + {2'd0, write_i};
		if (rollback_i) count_d = sure_d;
		if (commit_i) sure_d = count_d;
	end

	always @(posedge clk_i) begin
		started_q <= 1;
		model_q   <= model_d;
		count_q   <= rst_i ? 0 : count_d;
		sure_q    <= rst_i ? 0 : sure_d;
		shown_q   <= !rst_i && sure_q != {2'd0, take_i};
	end

	// Inside: rows stand in memory from rd on; the one at rd is in the output register when it is shown.
	(* hierconn *) wire [2:0] \dut.rd_q , \dut.next_q , \dut.wr_q , \dut.commit_q ;
	(* hierconn *) wire [1:0] \dut.mem.mem_q[0] , \dut.mem.mem_q[1] , \dut.mem.mem_q[2] , \dut.mem.mem_q[3] ;
	wire [15:0] ring = {2{\dut.mem.mem_q[3] , \dut.mem.mem_q[2] , \dut.mem.mem_q[1] , \dut.mem.mem_q[0] }};
	wire [15:0] rows = ring >> {\dut.rd_q [1:0], 1'b0};
	wire [2:0]  written = \dut.wr_q - \dut.rd_q , committed = \dut.commit_q - \dut.rd_q , next = \dut.rd_q + 3'd1;
	integer     i;

	always @(*) begin
		assume(started_q || rst_i);
		assume(!take_i || shown_q);
		assume(!write_i || count_q < Rows);
		if (started_q) begin
			assert(used == count_q);
			assert(used <= Rows);
			assert(valid == shown_q);
			if (valid) assert(sure_q != 0 && row == model_q[1:0]);
			assert(sure_q <= count_q && written == count_q && committed == sure_q && \dut.next_q == next);
			for (i = 0; i < Rows; i = i + 1)
				if (i < count_q) assert(rows[2*i +: 2] == model_q[2*i +: 2]);
		end
	end
endmodule
