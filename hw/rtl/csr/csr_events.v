// SPDX-License-Identifier: Apache-2.0
//
// The NIC's events by counter: the NIC's own 32, then 16 per port, then 8 per tile.

`include "regs.vh"
`default_nettype none

module csr_events #(
	parameter Cores = 2,
	parameter Ports = 2,
	parameter Queues = 4
) (
	input  wire                clk_i,
	input  wire                rst_i,
	// host: counter as numbered in COUNTER; combinational
	input  wire [8:0]          index_i,
	output wire [63:0]         value_o,
	input  wire                snapshot_i,
	output wire                busy_o,
	// inputs of the ports
	input  wire [Ports-1:0]    in_i,
	input  wire [3*Ports-1:0]  in_drop_i,
	input  wire [12*Ports-1:0] in_len_i,
	// tiles
	input  wire [8*Cores-1:0]  tile_i,
	// completion
	input  wire                cpl_i,
	input  wire [31:0]         cpl_ret_i,
	input  wire [11:0]         cpl_len_i,
	input  wire [7:0]          cpl_cause_i,
	// route
	input  wire [2:0]          lost_i,
	input  wire [Ports-1:0]    lost_port_i,
	input  wire                host_i,        // a frame is in the store towards the host
	input  wire [11:0]         host_len_i,
	// outputs of the ports
	input  wire [Ports-1:0]    sent_i,
	input  wire [Ports-1:0]    sent_host_i,
	input  wire [12*Ports-1:0] sent_len_i,
	input  wire [1:0]          ext_error_i,   // of reads and writes outside the chip
	// host side
	input  wire [7:0]          host_event_i,
	input  wire [8*Queues-1:0] queue_event_i
);
	localparam Own = `NIC_CNT_PORT, PerPort = 16, PerTile = 8, PerQueue = 8;
	localparam FirstTile = Own + PerPort * Ports;
	localparam FirstQueue = FirstTile + PerTile * Cores;
	localparam Count = FirstQueue + PerQueue * Queues;
	localparam SW = $clog2(Count);
	localparam [2:0] LostTarget = 3'd5, LostPort = 3'd6, LostHost = 3'd7;
	localparam [31:0] VerdictLast = 32'd4;
	localparam [31:0] TileBase = `NIC_CNT_TILE, PortsEnd = FirstTile, TileCount = Cores;
	localparam [31:0] QueueBase = `NIC_CNT_QUEUE, TilesEnd = FirstQueue, QueueCount = PerQueue * Queues;
	localparam [2:0] Received = 3'd0;

	function [Count-1:0] byte_counters;
		input unused;
		integer p;
		begin
			byte_counters = {Count{1'b0}};
			byte_counters[`NIC_CNT_HOST_BYTES] = 1'b1;
			byte_counters[`NIC_CNT_VERDICT_BYTES +: 5] = 5'b11111;
			for (p = 0; p < Ports; p = p + 1) begin
				byte_counters[Own + PerPort * p + `NIC_CNT_P_RX_BYTES] = 1'b1;
				byte_counters[Own + PerPort * p + `NIC_CNT_P_TX_BYTES] = 1'b1;
			end
		end
	endfunction

	wire                counted = cpl_i && cpl_len_i != 12'd0;  // no tick
	wire [4:0]          verdict = cpl_ret_i > VerdictLast ? {4'd0, counted} : {4'd0, counted} << cpl_ret_i[2:0];
	reg  [Count-1:0]    events;
	integer p, c;

	always @(*) begin
		events = {Count{1'b0}};
		events[`NIC_CNT_CYCLES]     = 1'b1;
		events[`NIC_CNT_LOST]       = lost_i == LostTarget;
		events[`NIC_CNT_HOST]       = host_i;
		events[`NIC_CNT_HOST_BYTES] = host_i;
		events[`NIC_CNT_HOST_FULL]  = lost_i == LostHost;
		events[`NIC_CNT_VERDICT +: 5]       = verdict;
		events[`NIC_CNT_VERDICT_BYTES +: 5] = verdict;
		for (c = 1; c <= 4; c = c + 1)
			events[`NIC_CNT_FAULT + c - 1] = cpl_i && cpl_cause_i == c[7:0];
		events[`NIC_CNT_EXT_READ]  = ext_error_i[0];
		events[`NIC_CNT_EXT_WRITE] = ext_error_i[1];
		events[`NIC_CNT_HOST_SIDE +: 8] = host_event_i;
		for (p = 0; p < Ports; p = p + 1) begin
			events[Own + PerPort * p + `NIC_CNT_P_RX]       = in_i[p] && in_drop_i[3*p +: 3] == Received;
			events[Own + PerPort * p + `NIC_CNT_P_RX_BYTES] = in_i[p] && in_drop_i[3*p +: 3] == Received;
			for (c = 1; c <= 4; c = c + 1)
				events[Own + PerPort * p + `NIC_CNT_P_RX_BYTES + c] = in_i[p] && in_drop_i[3*p +: 3] == c[2:0];
			events[Own + PerPort * p + `NIC_CNT_P_TX]       = sent_i[p];
			events[Own + PerPort * p + `NIC_CNT_P_TX_BYTES] = sent_i[p];
			events[Own + PerPort * p + `NIC_CNT_P_TX_HOST]  = sent_host_i[p];
			events[Own + PerPort * p + `NIC_CNT_P_TX_FULL]  = lost_i == LostPort && lost_port_i[p];
		end
		events[FirstTile +: PerTile*Cores] = tile_i;
		events[FirstQueue +: PerQueue*Queues] = queue_event_i;
	end

`ifdef VERILATOR
	// Each a wire of its own, so that the simulator makes no long vector of them.
	wire [12*Count-1:0] bytes;
	localparam HostBytes = `NIC_CNT_HOST_BYTES, VerdictBytes = `NIC_CNT_VERDICT_BYTES, RxBytes = `NIC_CNT_P_RX_BYTES, TxBytes = `NIC_CNT_P_TX_BYTES;
	genvar g;
	generate
		for (g = 0; g < Count; g = g + 1) begin : g_bytes
			localparam Port = (g - Own) / PerPort, AtPort = (g - Own) % PerPort;
			if (g == HostBytes) begin : g_host
				assign bytes[12*g +: 12] = host_len_i;
			end else if (g >= VerdictBytes && g < VerdictBytes + 5) begin : g_verdict
				assign bytes[12*g +: 12] = cpl_len_i;
			end else if (g >= Own && g < FirstTile && AtPort == RxBytes) begin : g_rx
				assign bytes[12*g +: 12] = in_len_i[12*Port +: 12];
			end else if (g >= Own && g < FirstTile && AtPort == TxBytes) begin : g_tx
				assign bytes[12*g +: 12] = sent_len_i[12*Port +: 12];
			end else begin : g_none
				assign bytes[12*g +: 12] = 12'd0;
			end
		end
	endgenerate
`else
	reg  [12*Count-1:0] bytes;
	integer b;

	always @(*) begin
		bytes = {12*Count{1'b0}};
		bytes[12*`NIC_CNT_HOST_BYTES +: 12]    = host_len_i;
		bytes[12*`NIC_CNT_VERDICT_BYTES +: 60] = {5{cpl_len_i}};
		for (b = 0; b < Ports; b = b + 1) begin
			bytes[12 * (Own + PerPort * b + `NIC_CNT_P_RX_BYTES) +: 12] = in_len_i[12*b +: 12];
			bytes[12 * (Own + PerPort * b + `NIC_CNT_P_TX_BYTES) +: 12] = sent_len_i[12*b +: 12];
		end
	end
`endif

	// Where a counter stands among those that there are.
	wire [31:0] index   = {23'd0, index_i};
	wire [31:0] at_tile = index - TileBase;
	wire        is_tile = index >= TileBase && at_tile[31:4] < TileCount[27:0] && !index[3];
	wire        is_port = index < PortsEnd && index < TileBase;
	wire [31:0] at_queue = index - QueueBase;
	wire        is_queue = index >= QueueBase && at_queue < QueueCount;
	wire [31:0] slot    = is_tile ? PortsEnd + {1'b0, at_tile[31:4], at_tile[2:0]} : is_queue ? TilesEnd + at_queue : index;
	wire        known   = is_tile || is_port || is_queue;
	wire [63:0] value;

	assign value_o = known ? value : 64'd0;

	csr_counters #(.Count(Count), .Bytes(byte_counters(1'b0))) counters (
		.clk_i(clk_i), .rst_i(rst_i), .event_i(events), .bytes_i(bytes), .snapshot_i(snapshot_i), .busy_o(busy_o),
		.index_i(known ? slot[SW-1:0] : {SW{1'b0}}), .value_o(value)
	);

	wire unused = &{1'b0, slot, TileCount, at_tile};
endmodule

`default_nettype wire
