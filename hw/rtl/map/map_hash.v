// SPDX-License-Identifier: Apache-2.0
//
// Hash of the key words, 2 * words + 6 cycles counted from start_i: one to take the seed, one for each half word, one for each
// final step, the last two of which share a cycle.

`default_nettype none

module map_hash (
	input  wire        clk_i,
	input  wire        rst_i,
	input  wire        start_i,
	input  wire [31:0] seed_i,
	input  wire [6:0]  words_i,      // of the key; 1..64, stable until done
	output wire [5:0]  index_o,      // key word that is looked at
	input  wire [63:0] word_i,
	output wire        done_o,       // last cycle; the hash is there from the next cycle on
	output wire [31:0] hash_o
);
	localparam [31:0] Mix1 = 32'h7ed55d16, Mix2 = 32'hc761c23c, Mix3 = 32'h165667b1,
		Mix4 = 32'hd3a2646c, Mix5 = 32'hfd7046c5, Mix6 = 32'hb55a4f09;
	localparam [2:0] Absorb = 3'd0, Final1 = 3'd1, Final2 = 3'd2, Final3 = 3'd3, Final4 = 3'd4, Final5 = 3'd5, Idle = 3'd6;

	reg [2:0]  step_q, step_d;
	reg [6:0]  half_q, half_d;
	reg [31:0] h_q, h_d;

	assign index_o = half_q[6:1];
	assign hash_o  = h_q;
	assign done_o  = step_q == Final5;

	wire [31:0] x = h_q ^ (half_q[0] ? word_i[63:32] : word_i[31:0]);
	wire [31:0] y = x + {x[19:0], 12'd0};
	wire [31:0] z = h_q + Mix5 + {h_q[28:0], 3'd0};
	wire        last_half = {1'b0, half_q} + 8'd1 == {words_i, 1'b0};

	always @(*) begin
		step_d = step_q;
		half_d = half_q;
		h_d    = h_q;
		case (step_q)
			Absorb: begin
				h_d    = {y[16:0], y[31:17]};
				half_d = half_q + 7'd1;
				if (last_half) step_d = Final1;
			end
			Final1: begin
				h_d    = h_q + Mix1 + {h_q[19:0], 12'd0};
				step_d = Final2;
			end
			Final2: begin
				h_d    = h_q ^ Mix2 ^ {19'd0, h_q[31:19]};
				step_d = Final3;
			end
			Final3: begin
				h_d    = h_q + Mix3 + {h_q[26:0], 5'd0};
				step_d = Final4;
			end
			Final4: begin
				h_d    = (h_q + Mix4) ^ {h_q[22:0], 9'd0};
				step_d = Final5;
			end
			Final5: begin
				h_d    = z ^ Mix6 ^ {16'd0, z[31:16]};
				step_d = Idle;
			end
			default: begin
			end
		endcase
		if (start_i) begin
			step_d = Absorb;
			half_d = 7'd0;
			h_d    = seed_i;
		end
	end

	always @(posedge clk_i) begin
		half_q <= half_d;
		h_q    <= h_d;
		step_q <= rst_i ? Idle : step_d;
	end
endmodule

`default_nettype wire
