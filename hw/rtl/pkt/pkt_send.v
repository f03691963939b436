// SPDX-License-Identifier: Apache-2.0
//
// Behind a core: keeps the records of ended packets, and makes the entries of those that egress asks for.

`include "regs.vh"
`default_nettype none

module pkt_send #(
	parameter Threads = 16,
	parameter TW = 4,
	parameter RW = 8                  // bits of the record behind verdict, target and length
) (
	input  wire          clk_i,
	input  wire          rst_i,
	input  wire          report_i,
	// a packet starts
	input  wire          start_i,
	input  wire [TW-1:0] start_thread_i,
	// where the packet of read_thread_o lies: its metadata, itself, its end
	input  wire [10:0]   front_i,
	input  wire [10:0]   start_at_i,
	input  wire [11:0]   end_i,
	// rdir
	input  wire          target_we_i,
	input  wire [TW-1:0] target_thread_i,
	input  wire [31:0]   target_i,
	// a packet ended
	input  wire          done_i,
	input  wire [TW-1:0] done_thread_i,
	input  wire [31:0]   done_ret_i,
	input  wire [RW-1:0] done_record_i,
	// packets asked for
	input  wire          request_i,
	input  wire [TW-1:0] request_thread_i,
	output wire [Threads-1:0] asked_o, // threads whose rows are still to be read
	// copy of the packet buffers, data a cycle later
	output wire [TW-1:0] read_thread_o,
	output wire [4:0]    read_row_o,
	input  wire [511:0]  read_data_i,
	// out fifo
	output wire          valid_o,
	output wire          first_o,
	output wire          last_o,
	output wire          rows_o,      // there are rows at all
	output wire          two_o,       // two of them
	output wire          report_o,    // only because all packets are to be sent, or also because of that
	output wire [1023:0] data_o,      // the first row in the lower half
	output wire [31:0]   ret_o,
	output wire [31:0]   target_o,
	output wire [11:0]   len_o,
	output wire [5:0]    turn_o,      // byte of a row at which it starts
	output wire [5:0]    meta_len_o,  // bytes of metadata in front of it, META_HOST at most
	output wire [RW-1:0] record_o,
	input  wire          pop_i,
	output wire          wait_o       // counting pulse
);
	localparam [31:0] Drop = 32'd1, Pass = 32'd2, Redirect = 32'd4;      // XDP verdicts between which a packet is sent
	localparam [10:0] MetaHost = `NIC_META_HOST;
	localparam [11:0] TwoRows = 2 * `NIC_BEAT_BYTES;
	localparam Depth = `NIC_OUT_FIFO;
	localparam CW = $clog2(Depth) + 1;
	localparam [CW-1:0] FullEnough = Depth - 2;
	localparam EW = 5 + 32 + 32 + 12 + 6 + 6 + RW;

	// What is known of each context's packet.
	reg  [Threads-1:0] has_target_q, asked_q;
	wire [Threads-1:0] starts, targeted, requested, served;
	wire [TW-1:0]      thread;
	wire [31:0]        done_ret, target;
	wire [11:0]        len = end_i - {1'b0, start_at_i};
	wire [10:0]        meta = start_at_i - front_i;
	wire [RW-1:0]      record;

	ram_lut #(.Width(32), .Depth(Threads)) targets (
		.clk_i(clk_i), .we_i(target_we_i), .waddr_i(target_thread_i), .wdata_i(target_i), .raddr_i(thread), .rdata_o(target)
	);
	ram_lut #(.Width(32 + RW), .Depth(Threads)) records (
		.clk_i(clk_i), .we_i(done_i), .waddr_i(done_thread_i), .wdata_i({done_ret_i, done_record_i}),
		.raddr_i(thread), .rdata_o({done_ret, record})
	);

	hot #(.Count(Threads), .NW(TW)) starts_set (.valid_i(start_i), .number_i(start_thread_i), .hot_o(starts));
	hot #(.Count(Threads), .NW(TW)) targeted_set (.valid_i(target_we_i), .number_i(target_thread_i), .hot_o(targeted));
	hot #(.Count(Threads), .NW(TW)) requested_set (.valid_i(request_i), .number_i(request_thread_i), .hot_o(requested));

	// The request that is served.
	wire          asked;
	wire [TW:0]   unused_requests;
	wire [CW-1:0] count;
	reg  [4:0]    row_q;
	// What CTRL.REPORT was at the first row holds for all.
	reg           report_q;
	wire          first  = row_q == 5'd0;
	// It goes nowhere, whatever the verdict.
	wire          tick   = len == 12'd0;
	wire [31:0]   ret    = tick ? Drop : done_ret;
	wire          report = (first ? report_i : report_q) && !tick;
	wire          rows   = report || (ret >= Pass && ret <= Redirect);
	// One more for a packet that starts within a row, and the row before for its metadata. One that lies in two rows
	// and has none is an entry, and needs no row behind it.
	wire          turned = start_at_i[5:0] != 6'd0;
	wire          has_meta = start_at_i != front_i;
	wire [11:0]   reach = end_i - {1'b0, start_at_i[10:6], 6'd0};
	wire          short = reach <= TwoRows && turned && !has_meta;
	wire [5:0]    ends  = short ? 6'd2 : len[11:6] + {5'd0, len[5:0] != 6'd0} + {5'd0, turned} + {5'd0, has_meta};
	wire          last  = !rows || {1'b0, row_q} + 6'd1 >= ends;
	wire          make  = asked && count <= FullEnough;

	hot #(.Count(Threads), .NW(TW)) served_set (.valid_i(make && last), .number_i(thread), .hot_o(served));

	fifo #(.Width(TW), .Depth(1 << TW)) requests (
		.clk_i(clk_i), .rst_i(rst_i), .push_i(request_i), .data_i(request_thread_i), .valid_o(asked), .head_o(thread),
		.count_o(unused_requests), .pop_i(make && last)
	);

	assign asked_o       = asked_q;
	assign read_thread_o = thread;
	assign read_row_o    = start_at_i[10:6] + row_q - {4'd0, has_meta};
	assign wait_o        = asked && !make;

	// The entry, when its last row is there. Its rows are in queues of their own: the second one of an entry that has none is
	// whatever was read.
	reg          made_q, second_q, ends_q;
	reg [EW-1:0] entry_q;
	wire         whole = made_q && (second_q || ends_q);
	wire [1:0]   unused_valid;
	wire [CW-1:0] unused_entries, unused_upper;

	fifo #(.Width(512), .Depth(Depth)) lower_rows (
		.clk_i(clk_i), .rst_i(rst_i), .push_i(made_q && !second_q), .data_i(read_data_i), .valid_o(unused_valid[0]), .count_o(count),
		.head_o(data_o[511:0]), .pop_i(pop_i)
	);
	fifo #(.Width(512), .Depth(Depth)) upper_rows (
		.clk_i(clk_i), .rst_i(rst_i), .push_i(whole), .data_i(read_data_i), .valid_o(unused_valid[1]), .count_o(unused_upper),
		.head_o(data_o[1023:512]), .pop_i(pop_i)
	);
	fifo #(.Width(EW), .Depth(Depth)) entries (
		.clk_i(clk_i), .rst_i(rst_i), .push_i(whole), .data_i(entry_q), .valid_o(valid_o), .count_o(unused_entries),
		.head_o({first_o, last_o, rows_o, two_o, report_o, ret_o, target_o, len_o, turn_o, meta_len_o, record_o}), .pop_i(pop_i)
	);

	always @(posedge clk_i) begin
		if (make) report_q <= report;
		entry_q <= {row_q <= 5'd1, last, rows, row_q[0], report, ret, has_target_q[thread] ? target : 32'd0, len, rows ? start_at_i[5:0] : 6'd0,
			!rows ? 6'd0 : meta > MetaHost ? MetaHost[5:0] : meta[5:0], record};
		second_q <= row_q[0];
		ends_q   <= last;
		if (rst_i) begin
			has_target_q <= {Threads{1'b0}};
			asked_q      <= {Threads{1'b0}};
			row_q        <= 5'd0;
			made_q       <= 1'b0;
		end else begin
			has_target_q <= (has_target_q & ~starts) | targeted;
			asked_q      <= (asked_q & ~served) | requested;
			if (make) row_q <= last ? 5'd0 : row_q + 5'd1;
			made_q       <= make;
		end
	end

	wire unused = &{1'b0, unused_requests, unused_valid, unused_entries, unused_upper};
endmodule

`default_nettype wire
