// SPDX-License-Identifier: Apache-2.0
//
// The two flat buses between a tile's map_issue and map_system. Words and thread numbers have their full width here whatever the
// parameters; what is not used is optimised away. Fields from the least significant bit on.
`ifndef MAP_BUS_VH
`define MAP_BUS_VH

// Tile to system: value request, lookup, call, operand word for the engine.
`define MAP_REQ_BITS      171
`define MAP_UP_REQ        170:0     // {c 64, b 64, upper, w, op 3, atomic, mask 8, word 29}
`define MAP_UP_REQ_VALID  171
`define MAP_LOOK_BITS     208
`define MAP_UP_LOOK       379:172   // {key 192, thread 8, map 8}
`define MAP_UP_LOOK_VALID 380
`define MAP_UP_CALL       444:381
`define MAP_UP_CALL_VALID 445
`define MAP_UP_LM_DATA    509:446
`define MAP_UP_LM_GNT     510
`define MAP_UP_BITS       511

// System to tile: grants, calls, operand requests, response bus, descriptor writes, words of the banks.
`define MAP_DN_REQ_GNT    0
`define MAP_DN_LOOK_GNT   1
`define MAP_DN_CALL_SEL   3:2
`define MAP_DN_CALL_POP   4
`define MAP_DN_LM_REQ     5
`define MAP_DN_LM         25:6      // {word 8, thread 8, tag 4}
`define MAP_DN_RSP_VALID  26
`define MAP_DN_RSP        99:27     // {value 64, fault, thread 8}
`define MAP_DN_DSC_CLEAR  100
`define MAP_DN_DSC_WE     101
`define MAP_DN_DSC        145:102   // {data 32, word 4, map 8}
`define MAP_DN_WORDS      146
`define MAP_DOWN_BITS(banks) (`MAP_DN_WORDS + 64 * (banks))

// Fields of a value request.
`define MAP_REQ_WORD      28:0
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
`define MAP_CALL_LEN      43:32
`endif
