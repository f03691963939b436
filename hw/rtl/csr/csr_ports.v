// SPDX-License-Identifier: Apache-2.0
//
// Registers of the ports.

`include "regs.vh"
`default_nettype none

module csr_ports #(
	parameter Ports = 2
) (
	input  wire                clk_i,
	input  wire                rst_i,
	// host, an address in the window of ports
	input  wire                write_i,
	input  wire [6:0]          addr_i,
	input  wire [31:0]         wdata_i,
	output reg  [31:0]         rdata_o,    // combinational
	output reg                 known_o,    // there is a register
	output wire                entry_we_o, // an ENTRY is written
	// values
	output reg  [13*Ports-1:0] entries_o,
	output reg  [3*Ports-1:0]  progs_o,
	output reg  [32*Ports-1:0] ifindexes_o,
	output reg  [Ports-1:0]    rx_lossless_o,
	output reg  [Ports-1:0]    tx_lossless_o,
	output reg  [32*Ports-1:0] ticks_o
);
	localparam [2:0] Entry = `NIC_PORT_ENTRY, Prog = `NIC_PORT_PROG, Ifindex = `NIC_PORT_IFINDEX, Ctrl = `NIC_PORT_CTRL, Tick = `NIC_PORT_TICK;

	wire [1:0] port = addr_i[6:5];
	wire [2:0] word = addr_i[4:2];
	integer    p;

	assign entry_we_o = write_i && known_o && word == Entry;

	always @(*) begin
		rdata_o = 32'd0;
		known_o = 1'b0;
		for (p = 0; p < Ports; p = p + 1)
			if (port == p[1:0]) begin
				known_o = word <= Tick;
				case (word)
					Entry:   rdata_o = {19'd0, entries_o[13*p +: 13]};
					Prog:    rdata_o = {29'd0, progs_o[3*p +: 3]};
					Ifindex: rdata_o = ifindexes_o[32*p +: 32];
					Ctrl:    rdata_o = {30'd0, tx_lossless_o[p], rx_lossless_o[p]};
					Tick:    rdata_o = ticks_o[32*p +: 32];
					default: rdata_o = 32'd0;
				endcase
			end
	end

	always @(posedge clk_i)
		for (p = 0; p < Ports; p = p + 1)
			if (rst_i) begin
				entries_o[13*p +: 13]   <= 13'd0;
				progs_o[3*p +: 3]       <= 3'd0;
				ifindexes_o[32*p +: 32] <= p + 32'd1;
				rx_lossless_o[p]        <= 1'b0;
				tx_lossless_o[p]        <= 1'b0;
				ticks_o[32*p +: 32]     <= 32'd0;
			end else if (write_i && port == p[1:0]) begin
				if (word == Entry) entries_o[13*p +: 13] <= wdata_i[12:0];
				if (word == Prog) progs_o[3*p +: 3] <= wdata_i[2:0];
				if (word == Ifindex) ifindexes_o[32*p +: 32] <= wdata_i;
				if (word == Ctrl) {tx_lossless_o[p], rx_lossless_o[p]} <= wdata_i[1:0];
				if (word == Tick) ticks_o[32*p +: 32] <= wdata_i;
			end

	wire unused = &{1'b0, addr_i[1:0]};
endmodule

`default_nettype wire
