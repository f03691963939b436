// SPDX-License-Identifier: Apache-2.0
//
// The 64-bit counters. Events are gathered in small registers; one slot after the other, a slot a clock, is added to
// the counter memory. A read gives memory plus register, which is exact in every cycle.

`include "regs.vh"
`include "ram_style.vh"
`default_nettype none

module csr_counters #(
	parameter Count = 24
) (
	input  wire             clk_i,
	input  wire             rst_i,
	input  wire [Count-1:0] event_i,     // by index; the two byte counters take the lengths with their event
	input  wire [11:0]      rx_bytes_i,
	input  wire [11:0]      tx_bytes_i,
	input  wire [4:0]       index_i,
	output wire [63:0]      value_o      // of counter index_i in this cycle, combinational
);
	// Gathered in Count clocks: at most one event a clock, or one longest frame and a beat in each other clock.
	localparam GatherBits = 12;
	localparam [4:0] LastSlot = Count - 1;

	`RAM_LUT reg [63:0] mem_q [0:31];
	reg  [Count-1:0]            used_q, used_d;      // slots written since reset
	reg  [4:0]                  slot_q, slot_d;
	wire [GatherBits*32-1:0]    gathered;            // padded, so that any index selects something
	wire [31:0]                 used = {{32-Count{1'b0}}, used_q};

	wire [63:0] slot_value  = used[slot_q] ? mem_q[slot_q] : 64'd0;
	wire [63:0] index_value = used[index_i] ? mem_q[index_i] : 64'd0;
	assign value_o = index_value + {{64-GatherBits{1'b0}}, gathered[GatherBits*index_i +: GatherBits]};

	always @(*) begin
		slot_d = slot_q == LastSlot ? 5'd0 : slot_q + 5'd1;
		used_d = used_q;
		used_d[slot_q] = 1'b1;
	end

	generate
		genvar i;
		for (i = 0; i < 32; i = i + 1) begin : g_slot
			localparam [4:0] Slot = i;
			if (i == `NIC_CNT_RX_BYTES || i == `NIC_CNT_TX_BYTES) begin : g_bytes
				reg  [11:0] sum_q;
				wire [11:0] add = !event_i[i] ? 12'd0 : i == `NIC_CNT_RX_BYTES ? rx_bytes_i : tx_bytes_i;
				always @(posedge clk_i) sum_q <= rst_i ? 12'd0 : slot_q == Slot ? add : sum_q + add;
				assign gathered[GatherBits*i +: GatherBits] = sum_q;
			end else if (i < Count) begin : g_events
				reg  [4:0] sum_q;
				wire [4:0] add = {4'd0, event_i[i]};
				always @(posedge clk_i) sum_q <= rst_i ? 5'd0 : slot_q == Slot ? add : sum_q + add;
				assign gathered[GatherBits*i +: GatherBits] = {7'd0, sum_q};
			end else begin : g_none
				assign gathered[GatherBits*i +: GatherBits] = 12'd0;
			end
		end
	endgenerate

	always @(posedge clk_i) mem_q[slot_q] <= slot_value + {{64-GatherBits{1'b0}}, gathered[GatherBits*slot_q +: GatherBits]};

	always @(posedge clk_i) begin
		if (rst_i) begin
			slot_q <= 5'd0;
			used_q <= {Count{1'b0}};
		end else begin
			slot_q <= slot_d;
			used_q <= used_d;
		end
	end
endmodule

`default_nettype wire
