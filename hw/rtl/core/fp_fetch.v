// SPDX-License-Identifier: Apache-2.0
//
// Program counters and microcode memory. A thread issued in S reads its pc in F1, the memory in F2 and is in the
// output register in F3, so that R1 sees the lane words.

`default_nettype none

module fp_fetch #(
	parameter Lanes = 3,
	parameter Threads = 16,
	parameter ImemDepth = 4096,
	parameter TW = 4
) (
	input  wire                clk_i,
	input  wire                rst_i,
	// host
	input  wire                imem_we_i,
	input  wire [1:0]          imem_lane_i,
	input  wire [12:0]         imem_bundle_i,
	input  wire [63:0]         imem_data_i,
	// a packet starts
	input  wire                start_i,
	input  wire [TW-1:0]       start_thread_i,
	input  wire [12:0]         entry_i,
	// next pc of the bundle in E2
	input  wire                e2_valid_i,
	input  wire [TW-1:0]       e2_thread_i,
	input  wire [12:0]         e2_next_pc_i,
	// scheduler
	input  wire                s_valid_i,
	input  wire [TW-1:0]       s_thread_i,
	output wire [TW-1:0]       f2_thread_o,
	output wire [TW-1:0]       f3_thread_o,
	// R1
	output reg                 r1_valid_o,
	output reg  [TW-1:0]       r1_thread_o,
	output reg                 r1_first_o,  // first bundle of its packet
	output reg  [12:0]         r1_pc_o,
	output reg  [64*Lanes-1:0] r1_word_o
);
	localparam IW = $clog2(ImemDepth);

	reg               f1_valid_q, f2_valid_q, f3_valid_q;
	reg [TW-1:0]      f1_thread_q, f2_thread_q, f3_thread_q;
	reg               f2_first_q, f3_first_q;
	reg [12:0]        f2_pc_q, f3_pc_q;
	reg [Threads-1:0] fresh_q;  // packet taken, no bundle fetched yet
	wire [12:0]       entry_pc, next_pc;
	wire [64*Lanes-1:0] f3_word;
	wire              f1_first = fresh_q[f1_thread_q];
	wire [Threads-1:0] start, fetched;

	ram_lut #(.Width(13), .Depth(Threads)) entry_pcs (
		.clk_i(clk_i), .we_i(start_i), .waddr_i(start_thread_i), .wdata_i(entry_i),
		.raddr_i(f1_thread_q), .rdata_o(entry_pc)
	);
	ram_lut #(.Width(13), .Depth(Threads)) next_pcs (
		.clk_i(clk_i), .we_i(e2_valid_i), .waddr_i(e2_thread_i), .wdata_i(e2_next_pc_i),
		.raddr_i(f1_thread_q), .rdata_o(next_pc)
	);

	assign f2_thread_o = f2_thread_q;
	assign f3_thread_o = f3_thread_q;

	genvar l;
	generate
		for (l = 0; l < Lanes; l = l + 1) begin : g_lane
			localparam [1:0] Lane = l;

			ram_sdp #(.Bytes(8), .Depth(ImemDepth)) imem (
				.clk_i(clk_i), .we_i({8{imem_we_i && imem_lane_i == Lane}}),
				.waddr_i(imem_bundle_i[IW-1:0]), .wdata_i(imem_data_i),
				.raddr_i(f2_pc_q[IW-1:0]), .rdata_o(f3_word[64*l +: 64])
			);
		end
	endgenerate

	hot #(.Count(Threads), .NW(TW)) start_set (.valid_i(start_i), .number_i(start_thread_i), .hot_o(start));
	hot #(.Count(Threads), .NW(TW)) fetched_set (.valid_i(f1_valid_q), .number_i(f1_thread_q), .hot_o(fetched));

	always @(posedge clk_i) begin
		fresh_q     <= (fresh_q & ~fetched) | start;
		f1_thread_q <= s_thread_i;
		f2_thread_q <= f1_thread_q;
		f2_first_q  <= f1_first;
		f2_pc_q     <= f1_first ? entry_pc : next_pc;
		f3_thread_q <= f2_thread_q;
		f3_first_q  <= f2_first_q;
		f3_pc_q     <= f2_pc_q;
		r1_thread_o <= f3_thread_q;
		r1_first_o  <= f3_first_q;
		r1_pc_o     <= f3_pc_q;
		r1_word_o   <= f3_word;
		if (rst_i) begin
			f1_valid_q <= 1'b0;
			f2_valid_q <= 1'b0;
			f3_valid_q <= 1'b0;
			r1_valid_o <= 1'b0;
		end else begin
			f1_valid_q <= s_valid_i;
			f2_valid_q <= f1_valid_q;
			f3_valid_q <= f2_valid_q;
			r1_valid_o <= f3_valid_q;
		end
	end

	wire unused = &{1'b0, imem_bundle_i};
endmodule

`default_nettype wire
