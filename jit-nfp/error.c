// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
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

void diag_forget(struct diag *d)
{
	d->insn = -1;
	d->text[0] = d->note[0] = 0;
}

void diag_clear(struct diag *d)
{
	diag_forget(d);
	d->prog = NULL;
	d->n_more = 0;
	d->full = 0;
	d->bundles = 0;
	d->refused = NULL;
}

static int is_same(const struct diag *a, const struct diag *b)
{
	return a->insn == b->insn && !strcmp(a->text, b->text);
}

static void copy_words(struct diag *to, const struct diag *from)
{
	to->insn = from->insn;
	memcpy(to->text, from->text, sizeof(to->text));
	memcpy(to->note, from->note, sizeof(to->note));
}

int diag_keep(struct diag *d)
{
	int known = !d->text[0];

	for (uint32_t n = 0; n < d->n_more && !known; n++)
		known = is_same(&d->more[n], d);
	if (!known && d->n_more == d->room)
		return -1;
	if (!known)
		copy_words(&d->more[d->n_more++], d);
	diag_forget(d);
	return 0;
}

void diag_sort(struct diag *d)
{
	struct diag between;

	if (!d->room)
		return;
	if (diag_keep(d)) {
		d->n_more--; /* rather the first one than the last */
		diag_keep(d);
	}
	for (uint32_t n = 1; n < d->n_more; n++)
		for (uint32_t k = n; k && d->more[k].insn < d->more[k - 1].insn; k--) {
			copy_words(&between, &d->more[k]);
			copy_words(&d->more[k], &d->more[k - 1]);
			copy_words(&d->more[k - 1], &between);
		}
	if (!d->n_more)
		return;
	copy_words(d, &d->more[0]);
	d->n_more--;
	for (uint32_t n = 0; n < d->n_more; n++)
		copy_words(&d->more[n], &d->more[n + 1]);
}
