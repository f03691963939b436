// SPDX-License-Identifier: Apache-2.0
#include "compile.h"

int error(struct compile *c, int insn, const char *fmt, ...)
{
	va_list ap;

	if (c->diag->text[0])
		return -1;
	c->diag->insn = insn;
	va_start(ap, fmt);
	text_vformat(c->diag->text, sizeof(c->diag->text), fmt, ap);
	va_end(ap);
	return -1;
}

int error_note(struct compile *c, const char *fmt, ...)
{
	va_list ap;

	if (c->diag->note[0])
		return -1;
	va_start(ap, fmt);
	text_vformat(c->diag->note, sizeof(c->diag->note), fmt, ap);
	va_end(ap);
	return -1;
}
