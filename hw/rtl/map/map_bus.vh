// SPDX-License-Identifier: Apache-2.0
//
// The four flat buses between a tile's map_issue and map_system, by who depends on whom: what the tile asks comes out of registers,
// so do grants from it alone; what the system tells comes out of registers, what the tile gives from that alone. Words and thread numbers
// have their full width here whatever the parameters; what is not used is optimised away. Fields from the least significant bit on.
`ifndef MAP_BUS_VH
`define MAP_BUS_VH

// Tile to system: value request, lookup, call.
`define MAP_REQ_BITS       171
`define MAP_ASK_REQ        170:0     // {c 64, b 64, upper, w, op 3, atomic, mask 8, word 29}
`define MAP_ASK_REQ_VALID  171
`define MAP_LOOK_BITS      208
`define MAP_ASK_LOOK       379:172   // {key 192, thread 8, map 8}
`define MAP_ASK_LOOK_VALID 380
`define MAP_ASK_CALL_VALID 381
`define MAP_ASK_WAY        398:382   // way back of an answer from outside the chip
`define MAP_ASK_BITS       399

// System to tile: of what it asks in this cycle.
`define MAP_GNT_REQ        0
`define MAP_GNT_LOOK       1
`define MAP_GNT_BITS       2

// System to tile: calls, operand requests, response bus, descriptor writes, words of the banks.
`define MAP_TELL_CALL_SEL  1:0
`define MAP_TELL_CALL_POP  2
`define MAP_TELL_LM_REQ    3
`define MAP_TELL_LM        23:4      // {word 8, thread 8, tag 4}
`define MAP_TELL_RSP_VALID 24
`define MAP_TELL_RSP       97:25     // {value 64, fault, thread 8}: value and fault a cycle behind thread and RSP_VALID
`define MAP_TELL_DSC_CLEAR 98
`define MAP_TELL_DSC_WE    99
`define MAP_TELL_DSC       143:100   // {data 32, word 4, map 8}
`define MAP_TELL_WORDS     144
`define MAP_TELL_BITS(banks) (`MAP_TELL_WORDS + 64 * (banks))

// Tile to system: word of a call, operand.
`define MAP_GIVE_CALL      63:0
`define MAP_GIVE_LM_DATA   127:64
`define MAP_GIVE_LM_GNT    128
`define MAP_GIVE_BITS      129

// Fields of a value request.
`define MAP_REQ_WORD      28:0      // bit 28: outside the chip
`define MAP_REQ_OUTSIDE   28
`define MAP_REQ_MASK      36:29
`define MAP_REQ_ATOMIC    37
`define MAP_REQ_OP        40:38     // low bits of the opcode
`define MAP_REQ_W         41
`define MAP_REQ_UPPER     42
`define MAP_REQ_B         106:43
`define MAP_REQ_C         170:107

// What the answer of a request to the external memory needs: {respond, second, off 3, width 2, swap, sign, thread 8}.
`define MAP_WAY_BITS      17

// Word 0 of a call.
`define MAP_CALL_OP       7:0
`define MAP_CALL_MAP      15:8
`define MAP_CALL_THREAD   23:16
`define MAP_CALL_PROG     26:24
`define MAP_CALL_FRONT    43:32     // where the thread's metadata and packet begin and end
`define MAP_CALL_END      55:44
`endif
