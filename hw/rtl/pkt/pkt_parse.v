// SPDX-License-Identifier: Apache-2.0
//
// Ethernet, tags and the L3 header of a frame's first row, in two clocks. What it says holds until the next frame's first row.

`default_nettype none

module pkt_parse (
	input  wire         clk_i,
	// S1
	input  wire         s1_first_i,
	input  wire [511:0] s1_data_i,
	// S2: IPv4 header checksum begins here
	output wire [159:0] s2_ip4_o,       // the fixed header
	// S2, combinational: what the row sums need to know a clock from their row
	output wire [7:0]   s2_l4_o,        // offset of the L4 header
	output wire [16:0]  s2_end_o,       // offset behind the L3 packet
	// S3
	output reg          s3_ip4_o,
	output reg          s3_ip6_o,
	output reg          s3_plain_o,     // ip4 without options
	output reg          s3_tcp_o,       // likewise if the lengths are right
	output reg          s3_udp_o,
	output reg  [1:0]   s3_tags_o,
	output reg  [255:0] s3_addr_o,      // addresses, first byte in the top bits; those of ip4 in the upper 64
	output reg  [7:0]   s3_l4_o,
	output reg  [16:0]  s3_end_o
);
	localparam [15:0] TypeIp4 = 16'h0800, TypeIp6 = 16'h86dd, TypeTag = 16'h8100, TypeOuter = 16'h88a8;
	localparam [7:0]  ProtoTcp = 8'd6, ProtoUdp = 8'd17;
	localparam        Head = 40;          // bytes looked at
	localparam [7:0]  Eth = 8'd14, EthTag = 8'd18, EthTags = 8'd22, Fixed6 = 8'd40;

	// S1. The row's bytes in the order of the wire, byte 0 on top.
	wire [511:0] bytes;
	genvar b;
	generate
		for (b = 0; b < 64; b = b + 1) begin : g_byte
			assign bytes[8*(63-b) +: 8] = s1_data_i[8*b +: 8];
		end
	endgenerate

	wire [15:0] type0 = bytes[8*(64-14) +: 16], type1 = bytes[8*(64-18) +: 16], type2 = bytes[8*(64-22) +: 16];
	wire        tag0  = type0 == TypeTag || type0 == TypeOuter;
	wire        tag1  = tag0 && (type1 == TypeTag || type1 == TypeOuter);
	wire [15:0] kind  = tag1 ? type2 : tag0 ? type1 : type0;
	wire [8*Head-1:0] at14 = bytes[8*(64-14-Head) +: 8*Head], at18 = bytes[8*(64-18-Head) +: 8*Head],
		at22 = bytes[8*(64-22-Head) +: 8*Head];

	// Where an L3 packet ends whose length field counts from here.
	function [16:0] end_of;
		input [7:0]  from;
		input [15:0] field;
		end_of = {9'd0, from} + {1'b0, field};
	endfunction


	// S2
	reg               type4_q, type6_q;
	reg  [1:0]        tags_q;
	reg  [8*Head-1:0] head_q;
	reg  [7:0]        l3_q;
	reg  [16:0]       end4_q, end6_q;
	wire [3:0]  version = head_q[8*39+4 +: 4];
	wire [3:0]  ihl     = head_q[8*39 +: 4];
	wire [13:0] frag    = {head_q[8*32+13], head_q[8*32 +: 13]};      // MF, offset
	wire [7:0]  proto4  = head_q[8*30 +: 8];
	wire [7:0]  next6   = head_q[8*33 +: 8];
	wire        ip4     = type4_q && version == 4'd4 && ihl >= 4'd5;
	wire        ip6     = type6_q && version == 4'd6;
	wire [7:0]  proto   = ip4 ? proto4 : next6;
	wire        whole   = ip6 || (ip4 && frag == 14'd0);

	assign s2_l4_o  = l3_q + (ip4 ? {2'd0, ihl, 2'd0} : Fixed6);
	assign s2_end_o = ip4 ? end4_q : end6_q;

	assign s2_ip4_o = head_q[8*20 +: 160];

	always @(posedge clk_i) begin
		if (s1_first_i) begin
			type4_q <= kind == TypeIp4;
			type6_q <= kind == TypeIp6;
			tags_q  <= {tag1, tag0 && !tag1};
			head_q  <= tag1 ? at22 : tag0 ? at18 : at14;
			l3_q    <= tag1 ? EthTags : tag0 ? EthTag : Eth;
			end4_q  <= tag1 ? end_of(EthTags, at22[8*36 +: 16]) : tag0 ? end_of(EthTag, at18[8*36 +: 16])
				: end_of(Eth, at14[8*36 +: 16]);
			end6_q  <= tag1 ? end_of(EthTags + Fixed6, at22[8*34 +: 16]) : tag0 ? end_of(EthTag + Fixed6, at18[8*34 +: 16])
				: end_of(Eth + Fixed6, at14[8*34 +: 16]);
		end
		s3_ip4_o   <= ip4;
		s3_ip6_o   <= ip6;
		s3_plain_o <= ip4 && ihl == 4'd5;
		s3_tcp_o   <= whole && proto == ProtoTcp;
		s3_udp_o   <= whole && proto == ProtoUdp;
		s3_tags_o  <= tags_q;
		s3_addr_o  <= ip4 ? {head_q[8*20 +: 64], 192'd0} : head_q[0 +: 256];
		s3_l4_o    <= s2_l4_o;
		s3_end_o   <= s2_end_o;
	end

	wire unused = &{1'b0, bytes};
endmodule

`default_nettype wire
