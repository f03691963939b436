// SPDX-License-Identifier: Apache-2.0
/* Reasons for a refusal: the first one stays, those kept come in the order of their instructions, none twice, and no more than there is room for. */
#include "verifier.h"
#include <stdio.h>
#include <string.h>

enum { ROOM = 3 };

static struct diag more[ROOM];

static struct diag new_diag(uint32_t room)
{
	struct diag d = { .more = more, .room = room };

	memset(more, 0, sizeof(more));
	diag_clear(&d);
	return d;
}

static void say(struct diag *d, int insn, const char *text)
{
	struct compile c = { .diag = d };

	assert_int_equal(error(&c, insn, "%s", text), -1);
	assert_int_equal(error_note(&c, "way out of %s", text), -1);
}

static void append(char *text, size_t size, const struct diag *d)
{
	size_t used = strlen(text);

	snprintf(text + used, size - used, "%s%d %s, %s", used ? "; " : "", d->insn, d->text, d->note);
}

static void expect_reasons(const struct diag *d, const char *all)
{
	char text[4096] = "";

	append(text, sizeof(text), d);
	for (uint32_t n = 0; n < d->n_more; n++)
		append(text, sizeof(text), &d->more[n]);
	assert_string_equal(text, all);
}

static void the_first_stays(void **state)
{
	struct diag d = new_diag(0);

	(void)state;
	say(&d, 4, "a");
	say(&d, 2, "b");
	expect_reasons(&d, "4 a, way out of a");
	diag_sort(&d);
	expect_reasons(&d, "4 a, way out of a");
	assert_int_equal(diag_keep(&d), -1);
	diag_clear(&d);
	expect_reasons(&d, "-1 , ");
	assert_int_equal(diag_keep(&d), 0); /* there is nothing to keep */
}

static void in_the_order_of_instructions(void **state)
{
	struct diag d = new_diag(ROOM);

	(void)state;
	say(&d, 9, "c");
	assert_int_equal(diag_keep(&d), 0);
	say(&d, 2, "a");
	assert_int_equal(diag_keep(&d), 0);
	say(&d, 5, "b");
	diag_sort(&d);
	expect_reasons(&d, "2 a, way out of a; 5 b, way out of b; 9 c, way out of c");
}

static void none_twice(void **state)
{
	struct diag d = new_diag(ROOM);

	(void)state;
	for (int n = 0; n < 4; n++) {
		say(&d, n % 2, "a");
		assert_int_equal(diag_keep(&d), 0);
	}
	diag_sort(&d);
	expect_reasons(&d, "0 a, way out of a; 1 a, way out of a");
}

/* What ended the compile is said, whatever was kept before. */
static void no_more_than_there_is_room_for(void **state)
{
	struct diag d = new_diag(2);

	(void)state;
	say(&d, 1, "a");
	assert_int_equal(diag_keep(&d), 0);
	say(&d, 2, "b");
	assert_int_equal(diag_keep(&d), 0);
	say(&d, 3, "c");
	assert_int_equal(diag_keep(&d), -1);
	diag_sort(&d);
	expect_reasons(&d, "1 a, way out of a; 3 c, way out of c");
}

/* Before another look, that is; what was kept is not looked for again. */
static void what_is_taken_back(void **state)
{
	struct diag d = new_diag(2);

	(void)state;
	say(&d, -1, "a");
	assert_int_equal(diag_keep(&d), 0);
	say(&d, 3, "b");
	diag_forget(&d);
	expect_reasons(&d, "-1 , ; -1 a, way out of a");
	say(&d, 4, "c");
	diag_sort(&d);
	expect_reasons(&d, "-1 a, way out of a; 4 c, way out of c");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_stays), cmocka_unit_test(in_the_order_of_instructions), cmocka_unit_test(none_twice),
		cmocka_unit_test(no_more_than_there_is_room_for), cmocka_unit_test(what_is_taken_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
