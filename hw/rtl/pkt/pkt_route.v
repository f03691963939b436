// SPDX-License-Identifier: Apache-2.0
//
// Where a packet goes: to a port, to several, to the host, or nowhere. A frame is accepted by each store as a whole, or dropped, or, when
// it must not be lost, holds up the stream.

`include "regs.vh"
`default_nettype none

module pkt_route #(
	parameter Ports = 2,
	parameter Queues = 4,
	parameter PW = Ports > 1 ? $clog2(Ports) : 1
) (
	input  wire                clk_i,
	input  wire                rst_i,
	// host registers
	input  wire [32*Ports-1:0] ifindexes_i,
	input  wire [Ports-1:0]    lossless_i,
	input  wire                host_lossless_i,
	// turn register; moves into the route register with move_o
	output wire                move_o,
	input  wire                valid_i,
	input  wire                first_i,
	input  wire                last_i,
	input  wire                rows_i,
	input  wire                two_i,
	input  wire                report_i,     // back to its port, whatever the verdict
	input  wire [1023:0]       data_i,
	input  wire [31:0]         ret_i,
	input  wire [31:0]         target_i,
	input  wire [11:0]         len_i,
	input  wire [PW-1:0]       port_i,
	input  wire [7:0]          queue_i,
	input  wire [31:0]         number_i,
	input  wire [31:0]         hash_i,
	input  wire [7:0]          flags_i,
	input  wire [63:0]         time_i,
	// stores
	input  wire [Ports-1:0]    room_i,       // for a longest frame
	input  wire                host_room_i,
	output wire [Ports-1:0]    write_o,
	output wire                host_write_o,
	// route register
	output wire                valid_o,
	output reg                 last_o,
	output reg                 two_o,
	output wire [6:0]          bytes_o,      // of the last row
	output reg  [1023:0]       data_o,
	output reg  [11:0]         len_o,
	output reg  [PW-1:0]       port_o,
	output reg  [7:0]          queue_o,
	output reg  [31:0]         number_o,
	output reg  [31:0]         hash_o,
	output reg  [7:0]          flags_o,
	output reg  [63:0]         time_o,
	output reg                 redirect_o,
	// a packet that was to go somewhere is dropped
	output reg  [2:0]          lost_o,       // cause, 0: none
	output wire [Ports-1:0]    lost_port_o   // the ports that had no room
);
	localparam [2:0]  LostTarget = 3'd5, LostPort = 3'd6, LostHost = 3'd7;
	localparam [31:0] Pass = 32'd2, Tx = 32'd3, Redirect = 32'd4;
	localparam [31:0] QueueCount = Queues;
	localparam [8:0]  QueueLimit = QueueCount[8:0];

	// Destination of the packet in the turn register.
	wire             to_set   = target_i[31] && target_i[30];
	wire             to_queue = target_i[31] && !target_i[30] && {1'b0, target_i[7:0]} < QueueLimit;
	wire             is_pass = ret_i == Pass, is_tx = ret_i == Tx, is_redirect = ret_i == Redirect;
	wire             home    = report_i || is_tx;
	wire             to_host = !report_i && (is_pass || (is_redirect && to_queue));
	wire [Ports-1:0] own, match, lowest, to_port;
	wire [Ports-1:0] leads   = to_set ? target_i[Ports-1:0] & ~(own & {Ports{target_i[29]}}) : lowest;
	wire             nobody = !report_i && is_redirect && !to_queue && leads == {Ports{1'b0}};
	genvar p;
	generate
		for (p = 0; p < Ports; p = p + 1) begin : g_port
			localparam [PW-1:0] Number = p;
			assign own[p]     = port_i == Number;
			assign match[p]   = !target_i[31] && target_i != 32'd0 && ifindexes_i[32*p +: 32] == target_i;
			assign to_port[p] = home ? own[p] : is_redirect && leads[p];
		end
	endgenerate
	assign lowest = match & (~match + {{Ports-1{1'b0}}, 1'b1});

	// Route register.
	reg              valid_q, first_q, rows_q, nobody_q, to_host_q, host_accept_q;
	reg  [Ports-1:0] to_port_q, accept_q;
	wire [Ports-1:0] port_full = to_port_q & ~room_i;
	wire             host_full = to_host_q && !host_room_i;
	wire             begins = valid_q && first_q && rows_q;
	wire             waits  = begins && ((port_full & lossless_i) != {Ports{1'b0}} || (host_full && host_lossless_i));
	wire [Ports-1:0] accept = first_q ? to_port_q & room_i : accept_q;
	wire             host_accept = first_q ? to_host_q && host_room_i : host_accept_q;
	wire             write  = valid_q && rows_q && !waits;

	assign move_o       = !waits;
	assign valid_o      = valid_q;
	assign write_o      = accept & {Ports{write}};
	assign host_write_o = host_accept && write;
	assign lost_port_o  = port_full;
	assign bytes_o      = last_o && len_o[5:0] != 6'd0 ? {1'b0, len_o[5:0]} : 7'd64;

	always @(*) begin
		lost_o = 3'd0;
		if (begins && !waits) begin
			if (nobody_q) lost_o = LostTarget;
			else if (port_full != {Ports{1'b0}}) lost_o = LostPort;
			else if (host_full) lost_o = LostHost;
		end
	end

	always @(posedge clk_i) begin
		if (begins) begin
			accept_q      <= accept;
			host_accept_q <= host_accept;
		end
		if (move_o && valid_i) begin
			first_q    <= first_i;
			last_o     <= last_i;
			two_o      <= two_i;
			rows_q     <= rows_i;
			data_o     <= data_i;
			len_o      <= len_i;
			port_o     <= port_i;
			queue_o    <= is_redirect ? target_i[7:0] : queue_i;
			number_o   <= number_i;
			hash_o     <= hash_i;
			flags_o    <= flags_i;
			time_o     <= time_i;
			redirect_o <= is_redirect;
		end
		// What comes first decides for all of a frame.
		if (move_o && valid_i && first_i) begin
			nobody_q  <= nobody;
			to_port_q <= to_port;
			to_host_q <= to_host;
		end
		if (rst_i) valid_q <= 1'b0;
		else if (move_o) valid_q <= valid_i;
	end

	wire unused = &{1'b0, target_i};
endmodule

`default_nettype wire
