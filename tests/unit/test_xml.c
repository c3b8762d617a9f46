/* SPDX-License-Identifier: MIT */
/* The recogniser of XML by itself: what is well formed, limits, references, octets, what the events say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "xml.h"

static struct xv_xml x;

/* Feeds text and the NUL; the verdict, XV_ACCEPTED if the document is complete. `at` is where it was refused. */
static enum xv_code feed(const char *text, size_t *at) {
    size_t n = strlen(text) + 1;

    xv_xml_begin(&x, (uint32_t)n);
    for (size_t i = 0; i < n; i++) {
        *at = i;
        if (xv_xml_octet(&x, (uint8_t)text[i], i) == XV_XML_ERROR)
            return x.error;
    }
    assert_true(x.complete);
    return XV_ACCEPTED;
}

static void expect(const char *text, enum xv_code code) {
    size_t at;

    if (feed(text, &at) != code)
        fail_msg("%s: %d at %zu, expected %d", text, (int)(x.complete ? XV_ACCEPTED : x.error), at, (int)code);
}

/* Refused at the octet after the @, which is left out. */
static void refused(const char *marked, enum xv_code code) {
    char text[256];
    size_t n = (size_t)(strchr(marked, '@') - marked), at = 0;
    enum xv_code got;

    memcpy(text, marked, n);
    (void)snprintf(text + n, sizeof(text) - n, "%s", marked + n + 1);
    got = feed(text, &at);
    if (got != code || at != n)
        fail_msg("%s: %d at %zu, expected %d at %zu", text, (int)got, at, (int)code, n);
}

static void test_well_formed(void **state) {
    static const char *const good[] = {
        "<a/>",
        " \t\r\n<a></a>\n ",
        "<a b=''/>",
        "<a b = \"'\" c\t=\n'\"' />",
        "<a><b/><c></c ></a>",
        "<_:a-1.b/>",
        "<!-- --><a/><!---->",
        "<a><!-- - <b> & --></a>",
        "<a>x > y ]] ]></a>",
        "<a>&amp;&lt;&gt;&quot;&apos;</a>",
        "<a b='>&#x41;]]>'/>",
        "<a><a><a/></a></a>",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        expect(good[i], XV_ACCEPTED);
}

static void test_syntax(void **state) {
    static const char *const bad[] = {
        "<@1/>",          "<@ a/>",      "<a@=''/>",   "<a /@ >",     "<a b@/>",      "<a b=@c/>",  "<a b='@<'/>",
        "<a b=''@c=''/>", "<a b @'c'/>", "<a @1=''/>", "<a>]]@></a>", "<a>]]]@></a>", "<!-- --@->", "<@>",
        "<a/@/>",         "<a b@>",      "<a b=@>",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        refused(bad[i], XV_XML_SYNTAX);
    refused("<a></a@/>", XV_XML_SYNTAX);
    refused("<a></a @b>", XV_XML_SYNTAX);
    refused("<a@", XV_XML_SYNTAX); /* the NUL */
    refused("<a>@", XV_XML_SYNTAX);
    refused("<a/><!-- @", XV_XML_SYNTAX);
    refused("<a/><@", XV_XML_SYNTAX);
}

static void test_structure(void **state) {
    (void)state;
    refused("@", XV_XML_ROOT);
    refused(" @", XV_XML_ROOT);
    refused("<!-- -->@", XV_XML_ROOT);
    refused("@x<a/>", XV_XML_ROOT);
    refused("<a/>@x", XV_XML_ROOT);
    refused("<a/><@b/>", XV_XML_ROOT);
    refused("<a/>@&amp;", XV_XML_ROOT);
    refused("<@/a>", XV_XML_NESTING);
    refused("<a/><@/a>", XV_XML_NESTING);
    refused("<a></b@>", XV_XML_NESTING);
    refused("<a></aa@>", XV_XML_NESTING);
    refused("<aa></a@>", XV_XML_NESTING);
    refused("<a></@>", XV_XML_NESTING);
    refused("<a><b></a@></b>", XV_XML_NESTING);
    refused("<a b='' c='' b@=''/>", XV_XML_DUPLICATE);
    expect("<a b='' bb='' B=''><c b=''/></a>", XV_ACCEPTED);
}

static void test_markup(void **state) {
    (void)state;
    refused("<!@DOCTYPE a><a/>", XV_XML_MARKUP);
    refused("<!@[CDATA[x]]>", XV_XML_MARKUP);
    refused("<!-@>", XV_XML_MARKUP);
    refused("<@?xml version='1.0'?><a/>", XV_XML_INSTRUCTION);
    refused("<a><@?b?></a>", XV_XML_INSTRUCTION);
}

static void test_references(void **state) {
    static const char *const bad[] = {
        "&@;",           "&a@;",           "&am@;",       "&ampe@;",   "&AMP@;",    "&@ amp;",      "&@&amp;",
        "&amp@ ;",       "&#@;",           "&#x@;",       "&#@X41;",   "&#4@a;",    "&#x4@g;",      "&#0@;",
        "&#8@;",         "&#31@;",         "&#xd800@;",   "&#xDFFF@;", "&#xfffe@;", "&#xFFFF@;",    "&#x110000@;",
        "&#00000006@5;", "&#x00000004@1;", "&#1114112@;", "&#@-1;",    "&#@ 65;",   "&#9999999@9;",
    };
    static const char *const good[] = {"&#9;",       "&#10;",      "&#13;",       "&#32;",
                                       "&#xd7ff;",   "&#xE000;",   "&#xfffd;",    "&#x10000;",
                                       "&#x10ffff;", "&#1114111;", "&#00000065;", "&#x00000041;"};
    char text[64];

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        (void)snprintf(text, sizeof(text), "<a>%s</a>", bad[i]);
        refused(text, XV_XML_ENTITY);
        (void)snprintf(text, sizeof(text), "<a b='%s'/>", bad[i]);
        refused(text, XV_XML_ENTITY);
    }
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        (void)snprintf(text, sizeof(text), "<a b='%s'>%s</a>", good[i], good[i]);
        expect(text, XV_ACCEPTED);
    }
}

static void test_octets(void **state) {
    (void)state;
    refused("<a>@\x01</a>", XV_XML_CHARACTER);
    refused("<a>@\x1f</a>", XV_XML_CHARACTER);
    expect("<a>\x7f\t</a>", XV_ACCEPTED);
    refused("<a>@\x80</a>", XV_XML_UTF8);
    refused("<a>\xc3@</a>", XV_XML_UTF8);
    refused("<a b='\xe2\x82@'/>", XV_XML_UTF8);
    refused("<!--@\xff--><a/>", XV_XML_UTF8);
    refused("<!---@\xff--><a/>", XV_XML_UTF8);
    refused("<a>\xef\xbf@\xbe</a>", XV_XML_CHARACTER);
    refused("<a>\xef\xbf@\xbf</a>", XV_XML_CHARACTER);
    expect("<a>\xef\xbf\xbd\xee\xbf\xbf\xf0\x9f\xbf\xbe</a>", XV_ACCEPTED);
    refused("<a@\xc3\xa4/>", XV_XML_SYNTAX);
}

/* A document that is as long as it says, and has one NUL, at its end. */
static void test_nul(void **state) {
    static const char text[] = "<a/>";

    (void)state;
    for (uint32_t length = 1; length < 8; length++) {
        enum xv_xml_event event = XV_XML_NONE;
        size_t i;

        xv_xml_begin(&x, length);
        for (i = 0; i < sizeof(text) && event != XV_XML_ERROR; i++)
            event = xv_xml_octet(&x, (uint8_t)text[i], i);
        assert_int_equal(x.complete, length == sizeof(text));
        if (length != sizeof(text))
            assert_int_equal(x.error, XV_XML_NUL);
        assert_int_equal(i, length < sizeof(text) ? length : sizeof(text));
    }
    expect("<a/>", XV_ACCEPTED);
    assert_int_equal(xv_xml_octet(&x, 0, 5), XV_XML_ERROR);
    assert_int_equal(xv_xml_octet(&x, ' ', 6), XV_XML_ERROR);
}

static char *repeated(const char *head, const char *one, unsigned n, const char *tail) {
    size_t size = strlen(head) + strlen(one) * n + strlen(tail) + 1, used = strlen(head);
    char *text = malloc(size);

    assert_non_null(text);
    (void)snprintf(text, size, "%s", head);
    for (unsigned i = 0; i < n; i++)
        used += (size_t)snprintf(text + used, size - used, "%s", one);
    (void)snprintf(text + used, size - used, "%s", tail);
    return text;
}

static void limit(const char *head, const char *one, unsigned n, const char *tail, enum xv_code code) {
    char *text = repeated(head, one, n, tail);

    expect(text, code);
    free(text);
}

static void test_limits(void **state) {
    char attributes[33 * 8] = "", name[80];

    (void)state;
    for (int more = -1; more <= 1; more++) {
        char *inside = repeated("", "<a>", (unsigned)((int)XV_XML_MAX_DEPTH + more), "");
        unsigned n = (unsigned)((int)XV_XML_MAX_DEPTH + more);

        limit(inside, "</a>", n, "", more > 0 ? XV_XML_DEPTH : XV_ACCEPTED);
        free(inside);
        limit("<a>", "<b/>", (unsigned)((int)XV_XML_MAX_ELEMENTS - 1 + more), "</a>",
              more > 0 ? XV_XML_ELEMENTS : XV_ACCEPTED);
        for (unsigned i = 0, used = 0; i < (unsigned)((int)XV_XML_MAX_ATTRIBUTES + more); i++)
            used += (unsigned)snprintf(attributes + used, sizeof(attributes) - used, " b%u=''", i);
        limit("<a", attributes, 1, "/>", more > 0 ? XV_XML_ELEMENTS : XV_ACCEPTED);
        memset(name, 'n', sizeof(name));
        name[(int)XV_XML_NAME - 1 + more] = 0;
        limit("<", name, 1, "/>", more > 0 ? XV_XML_LENGTH : XV_ACCEPTED);
        limit("<a ", name, 1, "=''/>", more > 0 ? XV_XML_LENGTH : XV_ACCEPTED);
        limit("<a></", name, 1, ">", more > 0 ? XV_XML_LENGTH : XV_XML_NESTING);
        limit("<a>&", name, 1, ";</a>", more > 0 ? XV_XML_LENGTH : XV_XML_ENTITY);
    }
}

struct step {
    enum xv_xml_event event;
    const char *name, *text;
    uint32_t leaf;
};

/* Names, values, texts and where they end. */
static void test_events(void **state) {
    static const char text[] = "<a b='1&lt;2' c=\"\">\xc3\xa4<d>x<!-- y -->z</d><e/> </a>";
    static const struct step steps[] = {
        {XV_XML_ELEMENT, "a", NULL, 0}, {XV_XML_ATTRIBUTE, "b", "1<2", 0}, {XV_XML_ATTRIBUTE, "c", "", 0},
        {XV_XML_ELEMENT, "d", NULL, 0}, {XV_XML_LEAVE, "d", "xz", 1},      {XV_XML_ELEMENT, "e", NULL, 0},
        {XV_XML_LEAVE, "e", "", 1},     {XV_XML_LEAVE, "a", " ", 0},
    };
    size_t k = 0;

    (void)state;
    xv_xml_begin(&x, sizeof(text));
    for (size_t i = 0; i < sizeof(text); i++) {
        enum xv_xml_event event = xv_xml_octet(&x, (uint8_t)text[i], i);
        const uint8_t *name;

        if (event == XV_XML_NONE)
            continue;
        assert_true(k < sizeof(steps) / sizeof(steps[0]));
        assert_int_equal(event, steps[k].event);
        name = event == XV_XML_ELEMENT     ? x.names[x.depth - 1]
               : event == XV_XML_ATTRIBUTE ? x.attributes[x.count - 1]
                                           : x.names[x.depth];
        assert_string_equal((const char *)name, steps[k].name);
        if (event != XV_XML_ELEMENT) {
            assert_string_equal((const char *)x.text, steps[k].text);
            assert_int_equal(x.text_len, strlen(steps[k].text));
        }
        if (event == XV_XML_LEAVE)
            assert_int_equal(x.leaf, steps[k].leaf);
        k++;
    }
    assert_int_equal(k, sizeof(steps) / sizeof(steps[0]));
    assert_true(x.complete);
}

/* Only the beginning of a text is kept, its length is known. */
static void test_long_text(void **state) {
    char *text = repeated("<a b='", "0123456789", 10, "'/>");

    (void)state;
    expect(text, XV_ACCEPTED);
    free(text);
    xv_xml_begin(&x, 200);
    text = repeated("<a>", "\xc3\xa4", 80, "");
    for (size_t i = 0; text[i] != 0; i++)
        assert_int_equal(xv_xml_octet(&x, (uint8_t)text[i], i), i == 2 ? XV_XML_ELEMENT : XV_XML_NONE);
    free(text);
    assert_int_equal(x.text_len, 80);
    for (unsigned i = 0; i < XV_XML_KEPT; i++)
        assert_int_equal(x.text[i], '?');
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_well_formed), cmocka_unit_test(test_syntax),     cmocka_unit_test(test_structure),
        cmocka_unit_test(test_markup),      cmocka_unit_test(test_references), cmocka_unit_test(test_octets),
        cmocka_unit_test(test_nul),         cmocka_unit_test(test_limits),     cmocka_unit_test(test_events),
        cmocka_unit_test(test_long_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
