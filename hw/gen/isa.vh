// Generated from hw/spec/isa.def by specgen, do not edit. SPDX-License-Identifier: Apache-2.0
// F_x is a field's bit range, SR_x an operand code, OP_x an opcode.
`ifndef ISA_VH
`define ISA_VH

`define F_op 63:56 // operation
`define F_g 55:55 // guard: cancelled when a lower lane's branch, jump or exit is taken
`define F_w 54:54 // 32-bit operation: sources are truncated, the result is zero-extended
`define F_i 53:53 // second source is imm32, sign-extended (zero-extended when w)
`define F_dst 52:49 // destination register in the lane's own bank
`define F_off 52:42 // signed byte offset of stores and map accesses
`define F_target 51:39 // bundle index of a branch target
`define F_spec 48:48 // speculative load: out of range gives 0 instead of a fault
`define F_width 41:40 // log2 of the access width in bytes
`define F_swap 39:39 // byte-swap the value in memory order to big-endian
`define F_fetch 41:41 // atomic returns the old value in x
`define F_a 38:32 // first source operand
`define F_woff 38:32 // window offset: byte offset from where the packet starts now, 0..127
`define F_imm 31:0 // 32-bit immediate
`define F_b 6:0 // second source operand
`define F_c 13:7 // third source operand
`define F_shift 5:0 // right shift in bits
`define F_len 11:6 // length of the field in bits, 0 means 64
`define F_map 31:24 // map index
`define F_loff 31:21 // signed byte offset of loads
`define F_mask 31:16 // 16-bit window mask
`define F_cmp 15:0 // 16-bit window compare value
`define F_half 54:54 // window compare of two bytes instead of one
`define F_wswap 53:53 // window compare takes the bytes in big-endian order

`define SR_ZERO 7'h40 // constant 0
`define SR_X 7'h41 // result of the thread's last WAIT operation
`define SR_FP 7'h42 // stack pointer tag with offset StackBytes: eBPF r10
`define SR_CTX 7'h43 // context pointer tag: eBPF r1 at entry
`define SR_DATA 7'h44 // pointer to the first packet byte, where the last adjh left it
`define SR_DATA_END 7'h45 // pointer behind the last packet byte, where the last adjt left it
`define SR_META 7'h46 // pointer to the metadata; equals data when there is none
`define SR_LEN 7'h47 // packet length in bytes
`define SR_IFINDEX 7'h48 // ingress interface index
`define SR_RXQ 7'h49 // receive queue index
`define SR_CPU 7'h4a // context number: core * threads + thread
`define SR_WIN 7'h4b // in the last of three or more lanes: as a the packet bytes that the word of lane 0 takes, as b those of lane 1; else 0
`define SR_OWN0 7'h50 // pointer to the thread's own of words side by side: map0 + 8 * cpu
`define SR_OWN1 7'h51 // pointer to the thread's own of words side by side: map1 + 8 * cpu
`define SR_OWN2 7'h52 // pointer to the thread's own of words side by side: map2 + 8 * cpu
`define SR_OWN3 7'h53 // pointer to the thread's own of words side by side: map3 + 8 * cpu
`define SR_OWN4 7'h54 // pointer to the thread's own of words side by side: map4 + 8 * cpu
`define SR_OWN5 7'h55 // pointer to the thread's own of words side by side: map5 + 8 * cpu
`define SR_OWN6 7'h56 // pointer to the thread's own of words side by side: map6 + 8 * cpu
`define SR_OWN7 7'h57 // pointer to the thread's own of words side by side: map7 + 8 * cpu
`define SR_PAIR0 7'h58 // pointer to the thread's own of pairs of words side by side: map0 + 16 * cpu
`define SR_PAIR1 7'h59 // pointer to the thread's own of pairs of words side by side: map1 + 16 * cpu
`define SR_PAIR2 7'h5a // pointer to the thread's own of pairs of words side by side: map2 + 16 * cpu
`define SR_PAIR3 7'h5b // pointer to the thread's own of pairs of words side by side: map3 + 16 * cpu
`define SR_PAIR4 7'h5c // pointer to the thread's own of pairs of words side by side: map4 + 16 * cpu
`define SR_PAIR5 7'h5d // pointer to the thread's own of pairs of words side by side: map5 + 16 * cpu
`define SR_PAIR6 7'h5e // pointer to the thread's own of pairs of words side by side: map6 + 16 * cpu
`define SR_PAIR7 7'h5f // pointer to the thread's own of pairs of words side by side: map7 + 16 * cpu
`define SR_MAP0 7'h60 // pointer to where map memory begins, for map 0
`define SR_MAP1 7'h61 // pointer to where map memory begins, for map 1
`define SR_MAP2 7'h62 // pointer to where map memory begins, for map 2
`define SR_MAP3 7'h63 // pointer to where map memory begins, for map 3
`define SR_MAP4 7'h64 // pointer to where map memory begins, for map 4
`define SR_MAP5 7'h65 // pointer to where map memory begins, for map 5
`define SR_MAP6 7'h66 // pointer to where map memory begins, for map 6
`define SR_MAP7 7'h67 // pointer to where map memory begins, for map 7
`define SR_MAP8 7'h68 // pointer to where map memory begins, for map 8
`define SR_MAP9 7'h69 // pointer to where map memory begins, for map 9
`define SR_MAP10 7'h6a // pointer to where map memory begins, for map 10
`define SR_MAP11 7'h6b // pointer to where map memory begins, for map 11
`define SR_MAP12 7'h6c // pointer to where map memory begins, for map 12
`define SR_MAP13 7'h6d // pointer to where map memory begins, for map 13
`define SR_MAP14 7'h6e // pointer to where map memory begins, for map 14
`define SR_MAP15 7'h6f // pointer to where map memory begins, for map 15

`define OP_NOP 8'h01 // no operation
`define OP_ADD 8'h10 // d = a + b
`define OP_SUB 8'h11 // d = a - b
`define OP_AND 8'h12 // d = a & b
`define OP_OR 8'h13 // d = a | b
`define OP_XOR 8'h14 // d = a ^ b
`define OP_LSH 8'h15 // d = a << (b & 63), b & 31 when w
`define OP_RSH 8'h16 // d = a >> (b & 63) unsigned, b & 31 when w
`define OP_ARSH 8'h17 // d = a >> (b & 63) signed, b & 31 when w
`define OP_MUL 8'h18 // d = low 64 (32) bits of a * b
`define OP_MOV 8'h19 // d = b
`define OP_MOVH 8'h1a // d = imm32 << 32 | a[31:0]
`define OP_UBFX 8'h1b // d = a[s + l - 1 : s] zero-extended; bits above 63 read as 0
`define OP_SBFX 8'h1c // d = a[s + l - 1 : s] sign-extended from bit l - 1 of a >> s
`define OP_BSWAP 8'h1d // d = low n bytes of a reversed, zero-extended
`define OP_WUBFX 8'h1e // ubfx of n packet bytes; 0 when any byte is beyond the packet
`define OP_WSBFX 8'h1f // sbfx of n packet bytes; 0 when any byte is beyond the packet
`define OP_JEQ 8'h20 // branch if a == b
`define OP_JNE 8'h21 // branch if a != b
`define OP_JGT 8'h22 // branch if a > b unsigned
`define OP_JGE 8'h23 // branch if a >= b unsigned
`define OP_JLT 8'h24 // branch if a < b unsigned
`define OP_JLE 8'h25 // branch if a <= b unsigned
`define OP_JSGT 8'h26 // branch if a > b signed
`define OP_JSGE 8'h27 // branch if a >= b signed
`define OP_JSLT 8'h28 // branch if a < b signed
`define OP_JSLE 8'h29 // branch if a <= b signed
`define OP_JSET 8'h2a // branch if a & b is not 0
`define OP_JNSET 8'h2b // branch if a & b is 0
`define OP_WJEQ 8'h2c // branch if (packet bytes & mask) == value; bytes beyond the packet read as 0, all of them
`define OP_WJNE 8'h2d // branch if (packet bytes & mask) != value
`define OP_WJGT 8'h2e // branch if (packet bytes & mask) > value unsigned
`define OP_WJLT 8'h2f // branch if (packet bytes & mask) < value unsigned
`define OP_WJEQ4 8'h30 // branch if four packet bytes == value
`define OP_WJNE4 8'h31 // branch if four packet bytes != value
`define OP_JMP 8'h32 // jump
`define OP_EXIT 8'h33 // end the packet with verdict b[31:0]
`define OP_JMPR 8'h34 // jump to bundle a[12:0]
`define OP_LD 8'h40 // load from packet or stack, zero-extended
`define OP_LDS 8'h41 // load from packet or stack, sign-extended
`define OP_ST 8'h42 // store to packet or stack
`define OP_RDT 8'h43 // d = NIC time in nanoseconds
`define OP_RND 8'h44 // d = next xorshift32 number of the core
`define OP_RDIR 8'h46 // redirect target of the packet = b[31:0]
`define OP_ADJH 8'h47 // move the packet's start by the signed b[31:0]; d = 0 or -errno
`define OP_ADJT 8'h48 // move the packet's end by the signed b[31:0]; d = 0 or -errno
`define OP_ADJM 8'h49 // move the metadata's start by the signed b[31:0]; d = 0 or -errno
`define OP_MSEL 8'h4a // the thread's selected map = b[55:48]; map calls of map 255 use it
`define OP_OADD 8'h4b // d = one's complement sum of a and b: the carry is added to the 64-bit sum
`define OP_FOLD 8'h4c // d = one's complement sum of the four 16-bit words of a, folded to 16 bits
`define OP_ST6 8'h4d // store six bytes to packet or stack, there at a multiple of eight
`define OP_MLD 8'h50 // x = map memory, zero-extended
`define OP_MLDS 8'h51 // x = map memory, sign-extended
`define OP_MST 8'h52 // store to map memory
`define OP_MADD 8'h53 // atomic memory += b
`define OP_MAND 8'h54 // atomic memory &= b
`define OP_MOR 8'h55 // atomic memory |= b
`define OP_MXOR 8'h56 // atomic memory ^= b
`define OP_MXCHG 8'h57 // atomic memory = b
`define OP_MCAS 8'h58 // atomic if memory == c then memory = b
`define OP_DIVU 8'h60 // x = a / b unsigned, 0 when b is 0
`define OP_MODU 8'h61 // x = a % b unsigned, a when b is 0
`define OP_DIVS 8'h62 // x = a / b signed toward 0, 0 when b is 0, a when the quotient overflows
`define OP_MODS 8'h63 // x = a % b with the sign of a, a when b is 0, 0 when the quotient overflows
`define OP_MLOOK 8'h70 // x = pointer to the value of key [a] in hash map m, or 0
`define OP_MUPD 8'h71 // set key [a] of hash map m to value [b] under flags c; x = 0 or -errno
`define OP_MDEL 8'h72 // remove key [a] of hash map m; x = 0 or -errno
`define OP_MCPY 8'h73 // copy one value of map m from [b] to the element at [a]; x = 0
`define OP_MLOOKR 8'h74 // like mlook, with the key itself: bytes 0..7 in a, 8..15 in b; key sizes 1..16, a fault otherwise

`define SLOT_A 2'd0
`define SLOT_W 2'd1
`define SLOT_B 2'd2
`define SLOT_M 2'd3
`define RESULT_NONE 2'd0
`define RESULT_NEXT 2'd1
`define RESULT_WAIT 2'd2
`define RESULT_POST 2'd3

`endif
