// SPDX-License-Identifier: Apache-2.0
//
// In front of a core: keeps the rows the bus brings, writes each in two halves to the packet buffer of its context and
// starts the thread with the last one. A last row that has no upper half starts it a cycle later, so that what pkt_inspect
// finds is there when the thread looks at it.

`include "regs.vh"
`default_nettype none

module pkt_write #(
	parameter Threads = 16,
	parameter TW = 4,
	parameter PW = 1
) (
	input  wire          clk_i,
	input  wire          rst_i,
	// bus: a row for this tile; len and port count in the last one
	input  wire          valid_i,
	input  wire          last_i,
	input  wire [511:0]  data_i,
	input  wire [4:0]    place_i,
	input  wire [TW-1:0] thread_i,
	input  wire [11:0]   len_i,
	input  wire [PW-1:0] port_i,
	output reg           left_o,       // a row left the fifo in the cycle before
	// packet buffer
	input  wire          busy_i,       // is somebody else's in this cycle
	input  wire [Threads-1:0] asked_i, // threads whose last packet is still to be read from there
	output wire          write_o,
	output wire [TW-1:0] thread_o,
	output wire [5:0]    row_o,
	output wire [255:0]  data_o,
	// the packet is whole
	output wire          start_o,
	output wire [TW-1:0] start_thread_o,
	output wire [11:0]   len_o,
	output wire [PW-1:0] port_o,
	output wire          wait_o        // counting pulse
);
	localparam [31:0] HeadRows = `NIC_HEADROOM / `NIC_ROW_BYTES;
	localparam [5:0]  FirstRow = HeadRows[5:0];
	localparam [5:0]  Half = `NIC_ROW_BYTES;
	localparam Depth = `NIC_ROW_FIFO;

	wire         queued, last;
	wire [511:0] data;
	wire [4:0]   place;
	wire [$clog2(Depth):0] unused_count;
	reg          upper_q;              // the lower half is written
	wire [11:0]  len;
	wire [PW-1:0] port;
	wire         short = last && len[5:0] != 6'd0 && len[5:0] <= Half;
	wire         done  = write_o && (upper_q || short);
	reg          late_q;               // the row before had no upper half
	reg [TW+12+PW-1:0] late_side_q;

	fifo #(.Width(1 + 512 + 5 + TW + 12 + PW), .Depth(Depth)) rows (
		.clk_i(clk_i), .rst_i(rst_i), .push_i(valid_i),
		.data_i({last_i, data_i, place_i, thread_i, len_i, port_i}), .valid_o(queued),
		.head_o({last, data, place, thread_o, len, port}), .count_o(unused_count), .pop_i(done)
	);

	assign write_o = queued && !busy_i && !asked_i[thread_o];
	assign row_o   = FirstRow + {place, upper_q};
	assign data_o  = upper_q ? data[511:256] : data[255:0];
	assign start_o = late_q || (done && last && !short);
	assign {start_thread_o, len_o, port_o} = late_q ? late_side_q : {thread_o, len, port};
	assign wait_o  = queued && !write_o;

	always @(posedge clk_i) begin
		late_side_q <= {thread_o, len, port};
		if (rst_i) begin
			upper_q <= 1'b0;
			left_o  <= 1'b0;
			late_q  <= 1'b0;
		end else begin
			late_q <= done && short;
			if (write_o) upper_q <= !done;
			left_o <= done;
		end
	end

	wire unused = &{1'b0, unused_count};
endmodule

`default_nettype wire
