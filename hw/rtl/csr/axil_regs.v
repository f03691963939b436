// SPDX-License-Identifier: Apache-2.0
//
// AXI4-Lite slave in front of the register bus: one access at a time, 32 bits. An address that is no multiple of 4, or a write of
// less than a whole register, is not done and answered with SLVERR.

`default_nettype none

module axil_regs (
	input  wire        clk_i,
	input  wire        rst_i,
	input  wire        aw_valid_i,
	output wire        aw_ready_o,
	input  wire [23:0] aw_addr_i,
	input  wire        w_valid_i,
	output wire        w_ready_o,
	input  wire [31:0] w_data_i,
	input  wire [3:0]  w_strb_i,
	output wire        b_valid_o,
	input  wire        b_ready_i,
	output wire [1:0]  b_resp_o,
	input  wire        ar_valid_i,
	output wire        ar_ready_o,
	input  wire [23:0] ar_addr_i,
	output wire        r_valid_o,
	input  wire        r_ready_i,
	output wire [31:0] r_data_o,
	output wire [1:0]  r_resp_o,
	// register bus: done with the data of a read, two or more cycles after the request
	output wire        reg_valid_o,
	output wire        reg_we_o,
	output wire [23:0] reg_addr_o,
	output wire [31:0] reg_wdata_o,
	input  wire        reg_done_i,
	input  wire [31:0] reg_rdata_i
);
	localparam [1:0] Idle = 2'd0, Wait = 2'd1, Answer = 2'd2;
	localparam [1:0] Okay = 2'd0, SlvErr = 2'd2;

	reg [1:0]  state_q, state_d;
	reg        we_q, error_q;
	reg [31:0] rdata_q;

	wire write = aw_valid_i && w_valid_i;
	wire take  = state_q == Idle && (write || ar_valid_i);
	wire error = write ? aw_addr_i[1:0] != 2'd0 || w_strb_i != 4'hf : ar_addr_i[1:0] != 2'd0;

	assign aw_ready_o  = take && write;
	assign w_ready_o   = take && write;
	assign ar_ready_o  = take && !write;
	assign reg_valid_o = take && !error;
	assign reg_we_o    = write;
	assign reg_addr_o  = write ? aw_addr_i : ar_addr_i;
	assign reg_wdata_o = w_data_i;
	assign b_valid_o   = state_q == Answer && we_q;
	assign r_valid_o   = state_q == Answer && !we_q;
	assign b_resp_o    = error_q ? SlvErr : Okay;
	assign r_resp_o    = error_q ? SlvErr : Okay;
	assign r_data_o    = rdata_q;

	always @(*) begin
		state_d = state_q;
		case (state_q)
			Wait:    if (reg_done_i) state_d = Answer;
			Answer:  if (we_q ? b_ready_i : r_ready_i) state_d = Idle;
			default: if (take) state_d = error ? Answer : Wait;
		endcase
	end

	always @(posedge clk_i) begin
		if (take) begin
			we_q    <= write;
			error_q <= error;
			rdata_q <= 32'd0;
		end
		if (state_q == Wait && reg_done_i && !we_q) rdata_q <= reg_rdata_i;
		state_q <= rst_i ? Idle : state_d;
	end
endmodule

`default_nettype wire
