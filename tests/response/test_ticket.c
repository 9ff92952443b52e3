/* SPDX-License-Identifier: MIT */
/* test_ticket.c - tickets told in one line each against the definitions of the desks, worked by hand; then properties over random
 * tickets: time stepped second by second, what is known as of an instant, and open time as the sum over a calendar. */
#include <cxm/ticket.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

enum { MOST = 64 };
static const int64_t US = 1000000, DAWN = INT64_C(1767225600) * INT64_C(1000000);       /* 2026-01-01T00:00:00Z, a Thursday */

/* "600:Rh1" is second 600, a public reply by human 1. Behind it may stand @3 (channel), =p (status), ^2 (tier). */
static cxm_ticket_event read_event(const char **at)
{
    static const char kinds[] = "?CARNGTSOVXYD", actors[] = "?chba", states[] = "?nophsc";
    char *end;
    cxm_ticket_event e = {.at_us = DAWN + strtoll(*at, &end, 10) * US};
    assert_int_equal(*end, ':');
    e.kind = (uint8_t)(strchr(kinds, end[1]) - kinds);
    e.actor = (uint8_t)(strchr(actors, end[2]) - actors);
    end += 3;
    if (*end >= '0' && *end <= '9') e.who = strtoull(end, &end, 10);
    if (*end == '@') e.channel = (uint32_t)strtoul(end + 1, &end, 10);
    if (*end == '=') {
        e.status = (uint8_t)(strchr(states, end[1]) - states);
        end += 2;
    }
    if (*end == '^') e.tier = (uint8_t)strtoul(end + 1, &end, 10);
    *at = *end ? end + 1 : end;
    return e;
}

typedef struct story { size_t n; cxm_ticket_event events[MOST]; } story;

static story read_story(const char *text)
{
    story s = {0, {{0}}};
    while (*text) s.events[s.n++] = read_event(&text);
    return s;
}

static cxm_ticket_rules rules_of(const char *preset)
{
    cxm_ticket_rules rules = {.size = sizeof rules};
    assert_int_equal(cxm_ticket_preset(preset, strlen(preset), &rules), CXM_OK);
    return rules;
}

typedef struct measured { cxm_ticket_life life; cxm_ticket_span next[MOST]; } measured;

static measured measure(const story *s, const char *preset, int64_t as_of_s, const cxm_calendar *calendar)
{
    measured m = {.life = {.size = sizeof m.life}};
    cxm_ticket_rules rules = rules_of(preset);
    assert_int_equal(cxm_ticket_measure(s->events, s->n, &rules, DAWN + as_of_s * US, calendar, m.next, MOST, &m.life), CXM_OK);
    return m;
}

/* "600" stopped after 600 s, "600+" runs since 600 s, "-" never. */
static void assert_span(const cxm_ticket_span *got, const char *want, const char *where)
{
    char *end;
    int64_t seconds = strtoll(want, &end, 10);
    int32_t state = strcmp(want, "-") == 0 ? CXM_TICKET_NEVER : *end == '+' ? CXM_TICKET_RUNNING : CXM_TICKET_STOPPED;
    if (got->state != state || got->us != seconds * US) fail_msg("%s: %lld us, state %d, wanted %s", where, (long long)got->us, got->state, want);
}

/* --- clocks --- */

/* In order: first reply, first bot reply, wait, agent wait, on hold, first resolution, resolution; then the next replies. */
typedef struct row { const char *what, *preset, *story; int64_t as_of; const char *clocks[CXM_TICKET_CLOCKS], *next[4]; } row;

static const row rows[] = {
    {"an autoresponder stops nothing", "zendesk", "0:Cc1 5:Ra 600:Rh7 900:Vh7", 2000, {"600", "-", "900", "0", "0", "900", "900"}, {NULL}},
    {"a bot has its own clock", "zendesk", "0:Cc1 5:Rb 600:Rh7", 1000, {"600", "5", "1000+", "0+", "0+", "1000+", "1000+"}, {NULL}},
    {"nobody has replied yet", "zendesk", "0:Cc1 30:Nh7", 500, {"500+", "-", "500+", "0+", "0+", "500+", "500+"}, {NULL}},
    {"solved without a reply", "zendesk", "0:Cc1 400:Vh7", 500, {"-", "-", "400", "0", "0", "400", "400"}, {NULL}},
    {"opened by an agent: the second comment", "zendesk", "0:Ch7 0:Rh7 300:Rc1 450:Rh7 800:Rh8", 900,
     {"450", "-", "900+", "0+", "0+", "900+", "900+"}, {NULL}},
    {"opened by an agent: from the customer's first message", "intercom", "0:Ch7 300:Rc1 450:Rh7", 900,
     {"150", "-", "900+", "0+", "0+", "900+", "900+"}, {NULL}},
    {"outbound, and the customer silent", "intercom", "0:Ch7 60:Rh7", 900, {"-", "-", "900+", "0+", "0+", "900+", "900+"}, {NULL}},
    {"the oldest message without an answer", "zendesk", "0:Cc1 60:Rh7 100:Rc1 150:Rc1 400:Rh7 500:Rc1 560:Rb 600:Rh7", 700,
     {"60", "560", "700+", "0+", "0+", "700+", "700+"}, {"300", "100"}},
    {"every answer, with the first", "freshdesk", "0:Cc1 60:Rh7 100:Rc1 400:Rh7", 700, {"60", "-", "700+", "0+", "0+", "700+", "700+"},
     {"60", "300"}},
    {"a message still waits", "zendesk", "0:Cc1 60:Rh7 100:Rc1", 700, {"60", "-", "700+", "0+", "0+", "700+", "700+"}, {"600+"}},
    {"a message never answered", "zendesk", "0:Cc1 60:Rh7 100:Rc1 200:Vh7", 700, {"60", "-", "200", "0", "0", "200", "200"}, {"-"}},
    {"thanks after the end want no answer", "zendesk", "0:Cc1 60:Rh7 100:Vh7 130:Rc1", 700, {"60", "-", "100", "0", "0", "100", "100"}, {NULL}},
    {"what opens it again does", "zendesk", "0:Cc1 60:Rh7 100:Vh7 200:Rc1 200:Oc1 500:Rh7 600:Vh7", 700,
     {"60", "-", "500", "0", "0", "100", "600"}, {"300"}},
    {"open again, and open still", "zendesk", "0:Cc1 60:Rh7 100:Vh7 200:Oc1", 700, {"60", "-", "600+", "0+", "0+", "100", "700+"}, {NULL}},
    {"states share out the time", "zendesk", "0:Cc1 10:Sh7=o 100:Sh7=p 400:Sc1=o 500:Sh7=h 900:Sh7=o 1000:Sh7=s 1500:Sa=c", 2000,
     {"-", "-", "700", "300", "400", "1000", "1000"}, {NULL}},
    {"solved by its status, opened by another", "zendesk", "0:Cc1 100:Sh7=s 300:Sc1=o 450:Sh7=s", 2000,
     {"-", "-", "250", "0", "0", "100", "450"}, {NULL}},
    {"a call: answered, on hold, solved", "callcentre", "0:Cc1 35:Ah7 100:Sh7=h 160:Sh7=o 300:Vh7", 400,
     {"35", "-", "35", "0", "60", "300", "300"}, {NULL}},
    {"a call, transferred: in a queue again", "callcentre", "0:Cc1 35:Ah7 100:Th7 150:Ah8 300:Vh8", 400,
     {"35", "-", "85", "0", "0", "300", "300"}, {"50"}},
    {"a call given up", "callcentre", "0:Cc1 42:Xc1", 400, {"-", "-", "42", "0", "0", "-", "-"}, {NULL}},
    {"a message is no answer of a call", "callcentre", "0:Cc1 20:Rh7", 400, {"400+", "-", "400+", "0+", "0+", "400+", "400+"}, {NULL}},
    {"who picks up has replied, for all", "zendesk", "0:Cc1 35:Ah7 90:Vh7", 400, {"35", "-", "90", "0", "0", "90", "90"}, {NULL}},
    {"a customer who picks up has said nothing", "intercom", "0:Ch7 20:Ac1 50:Rh7", 400, {"-", "-", "400+", "0+", "0+", "400+", "400+"}, {NULL}},
    {"who was served hangs up: solved", "callcentre", "0:Cc1 35:Ah7 300:Xc1", 400, {"35", "-", "35", "0", "0", "300", "300"}, {NULL}},
    {"given up in the second queue", "callcentre", "0:Cc1 35:Ah7 100:Th7 160:Xc1", 400, {"35", "-", "95", "0", "0", "-", "-"}, {"-"}},
    {"opened again at the instant it was solved", "zendesk", "0:Cc1 60:Rh7 100:Oc1 100:Vh7", 400, {"60", "-", "400+", "0+", "0+", "100", "400+"}, {NULL}},
    {"clocks that disagree", "zendesk", "-20:Rh7 0:Cc1 90:Vh7", 400, {"-20", "-", "90", "0", "0", "90", "90"}, {NULL}},
    {"the first of two creations", "zendesk", "0:Cc1 40:Cc1 100:Rh7", 400, {"100", "-", "400+", "0+", "0+", "400+", "400+"}, {NULL}},
    {"all at once", "zendesk", "0:Cc1 0:Rh7 0:Vh7", 400, {"0", "-", "0", "0", "0", "0", "0"}, {NULL}},
};

static void clocks_are_as_defined(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        const row *r = &rows[i];
        story s = read_story(r->story);
        measured m = measure(&s, r->preset, r->as_of, NULL);
        uint32_t next = 0;
        for (int c = 0; c < CXM_TICKET_CLOCKS; ++c) assert_span(&m.life.clocks[c], r->clocks[c], r->what);
        for (; r->next[next]; ++next) assert_span(&m.next[next], r->next[next], r->what);
        if (m.life.next_replies != next) fail_msg("%s: %u next replies", r->what, m.life.next_replies);
    }
}

/* --- facts and counts --- */

static const struct { const char *what, *story; uint32_t facts; int32_t end; } facts[] = {
    {"a bot alone", "0:Cc1 5:Rb 60:Vb", CXM_TICKET_CONTAINED | CXM_TICKET_FCR_NO_MESSAGE, CXM_TICKET_IS_SOLVED},
    {"closed by a rule, without a bot", "0:Cc1 60:Va", CXM_TICKET_FCR_NO_MESSAGE, CXM_TICKET_IS_SOLVED},
    {"from a bot to a human", "0:Cc1 5:Rb 9:Tb 60:Rh7 90:Vh7", CXM_TICKET_HANDLED | CXM_TICKET_HANDED_OVER | CXM_TICKET_FCR_NO_MESSAGE |
     CXM_TICKET_FCR_ONE_REPLY | CXM_TICKET_FCR_ONE_TEAMMATE, CXM_TICKET_IS_SOLVED},
    {"passed on, and nobody came", "0:Cc1 5:Rb 9:Tb 90:Va", CXM_TICKET_HANDED_OVER | CXM_TICKET_FCR_NO_MESSAGE, CXM_TICKET_IS_SOLVED},
    {"two humans", "0:Cc1 60:Rh7 90:Rh8 95:Vh8", CXM_TICKET_HANDLED | CXM_TICKET_FCR_NO_MESSAGE, CXM_TICKET_IS_SOLVED},
    {"two replies of one", "0:Cc1 60:Rh7 70:Rc1 90:Rh7 95:Vh7", CXM_TICKET_HANDLED | CXM_TICKET_FCR_ONE_TEAMMATE, CXM_TICKET_IS_SOLVED},
    {"solved twice", "0:Cc1 60:Rh7 70:Vh7 80:Oc1 95:Vh7", CXM_TICKET_HANDLED | CXM_TICKET_FCR_NO_MESSAGE | CXM_TICKET_FCR_ONE_REPLY,
     CXM_TICKET_IS_SOLVED},
    {"open: no first contact has resolved it", "0:Cc1 60:Rh7", CXM_TICKET_HANDLED, CXM_TICKET_IS_OPEN},
    {"the last word holds", "0:Cc1 60:Va 70:Yc1 80:Dc1", CXM_TICKET_FCR_NO_MESSAGE | CXM_TICKET_SAID_NO, CXM_TICKET_IS_SOLVED},
    {"a note is work", "0:Cc1 5:Rb 60:Nh7 90:Vb", CXM_TICKET_HANDLED | CXM_TICKET_HANDED_OVER | CXM_TICKET_FCR_NO_MESSAGE |
     CXM_TICKET_FCR_ONE_TEAMMATE, CXM_TICKET_IS_SOLVED},
    {"what stands before the creation was not written after it", "-5:Rc1 0:Cc1 60:Va", CXM_TICKET_FCR_NO_MESSAGE, CXM_TICKET_IS_SOLVED},
    {"given up", "0:Cc1 60:Xc1", 0, CXM_TICKET_IS_ABANDONED},
    {"given up, then closed by a rule", "0:Cc1 5:Rb 60:Xc1 900:Va", 0, CXM_TICKET_IS_ABANDONED},
    {"given up, then taken up", "0:Cc1 60:Xc1 900:Vh7", CXM_TICKET_HANDLED | CXM_TICKET_FCR_NO_MESSAGE | CXM_TICKET_FCR_ONE_TEAMMATE, CXM_TICKET_IS_SOLVED},
    {"given up when solved is solved", "0:Cc1 60:Va 70:Xc1", CXM_TICKET_FCR_NO_MESSAGE, CXM_TICKET_IS_SOLVED},
};

static void facts_are_as_defined(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(facts); ++i) {
        story s = read_story(facts[i].story);
        measured m = measure(&s, "zendesk", 1000, NULL);
        if (m.life.facts != facts[i].facts || m.life.end != facts[i].end) fail_msg("%s: %u %d", facts[i].what, m.life.facts, m.life.end);
    }
}

static void everything_is_counted(void **state)
{
    (void)state;
    story s = read_story("0:Cc1@3 4:Ra 5:Rb 6:Rb 60:Rh7 61:Nh7 62:Na 70:Th7 80:Th7^2 90:Rh8 95:Rc1 96:Vh8 99:Oc1 120:Vh8");
    cxm_ticket_life life = measure(&s, "zendesk", 1000, NULL).life;
    assert_int_equal(life.replies, 2);
    assert_int_equal(life.bot_replies, 2);
    assert_int_equal(life.auto_replies, 1);
    assert_int_equal(life.messages, 1);
    assert_int_equal(life.notes, 1);
    assert_int_equal(life.transfers, 2);
    assert_int_equal(life.escalations, 1);
    assert_int_equal(life.solves, 2);
    assert_int_equal(life.reopens, 1);
    assert_int_equal(life.teammates, 2);
    assert_int_equal(life.customer, 1);
    assert_int_equal(life.channel, 3);
    assert_true(life.created_us == DAWN && life.ended_us == DAWN + 120 * US);
}

/* --- properties --- */

static story random_story(uint64_t *seed)
{
    story s = {0, {{0}}};
    size_t want = 1 + test_rand(seed) % 20;
    for (size_t i = 0; i < want; ++i) {
        cxm_ticket_event e = {.at_us = DAWN + (int64_t)(test_rand(seed) % 400) * US, .who = test_rand(seed) % 3, .channel = (uint32_t)(test_rand(seed) % 3),
                              .kind = (uint8_t)(i ? 1 + test_rand(seed) % 12 : CXM_TICKET_CREATED), .actor = (uint8_t)(1 + test_rand(seed) % 4)};
        if (e.kind == CXM_TICKET_STATUS) e.status = (uint8_t)(1 + test_rand(seed) % 6);
        if (e.kind == CXM_TICKET_TRANSFERRED) e.tier = (uint8_t)(test_rand(seed) % 2);
        size_t at = 0;
        while (at < s.n && cxm_ticket_event_compare(&s.events[at], &e) < 0) ++at;
        if (at < s.n && cxm_ticket_event_compare(&s.events[at], &e) == 0) continue;
        memmove(&s.events[at + 1], &s.events[at], (s.n - at) * sizeof e);
        s.events[at] = e;
        ++s.n;
    }
    return s;
}

static const char *const presets[] = {"zendesk", "intercom", "freshdesk", "callcentre"};

static bool solved_then(const story *s, size_t i)
{
    bool solved = false;
    for (size_t k = i + 1; k < s->n && s->events[k].at_us == s->events[i].at_us; ++k)
        solved = solved || s->events[k].kind == CXM_TICKET_SOLVED || s->events[k].status >= CXM_TICKET_STATUS_SOLVED;
    return solved;
}

/* The status of a second, looked up anew: the last event up to it that says one; 0 before the creation and when over. */
static int status_at(const story *s, int64_t us, bool queues)
{
    int status = 0, over = 0, solved = 0;
    bool created = false, held = false;
    int64_t creation = 0;
    for (size_t i = 0; i < s->n && !created; ++i) {
        created = s->events[i].kind == CXM_TICKET_CREATED;
        creation = s->events[i].at_us;
    }
    if (us < creation) return 0;
    status = CXM_TICKET_NEW;
    for (size_t i = 0; i < s->n && s->events[i].at_us <= us; ++i) {
        const cxm_ticket_event *e = &s->events[i];
        if (e->kind == CXM_TICKET_STATUS) {
            status = e->status;
            solved = e->status >= 5;
            over = solved;
        }
        if (e->kind == CXM_TICKET_SOLVED) over = solved = 1;
        if (e->kind == CXM_TICKET_ABANDONED) over = 1;
        held = held || (e->kind == CXM_TICKET_REOPENED && !over && solved_then(s, i));
        bool instant_ends = i + 1 == s->n || s->events[i + 1].at_us != e->at_us;
        if ((e->kind == CXM_TICKET_REOPENED && !held) || (held && instant_ends)) {
            over = solved = 0;
            status = CXM_TICKET_OPEN;
        }
        held = held && !instant_ends;
        if (queues && e->kind == CXM_TICKET_TRANSFERRED) status = CXM_TICKET_NEW;
        if (queues && e->kind == CXM_TICKET_ANSWERED && e->actor == CXM_TICKET_HUMAN) status = CXM_TICKET_OPEN;
    }
    return over ? 0 : status;
}

static void states_equal_time_stepped(void **state)
{
    (void)state;
    uint64_t seed = 20261130;
    for (int trial = 0; trial < 400; ++trial) {
        const char *preset = presets[trial % 4];
        cxm_ticket_rules rules = rules_of(preset);
        story s = random_story(&seed);
        int64_t sum[3] = {0, 0, 0};
        for (int64_t second = 0; second < 450; ++second) {
            int status = status_at(&s, DAWN + second * US, rules.queues);
            sum[0] += status && (rules.wait >> status & 1);
            sum[1] += status == CXM_TICKET_PENDING;
            sum[2] += status == CXM_TICKET_HOLD;
        }
        measured m = measure(&s, preset, 450, NULL);
        for (int i = 0; i < 3; ++i) assert_int_equal(m.life.clocks[CXM_TICKET_WAIT + i].us, sum[i] * US);
    }
}

/* As of an instant, a ticket is what it would be if nothing had happened since. */
static void later_events_are_not_known(void **state)
{
    (void)state;
    uint64_t seed = 7;
    for (int trial = 0; trial < 1000; ++trial) {
        story s = random_story(&seed), cut = s;
        int64_t as_of = (int64_t)(test_rand(&seed) % 420);
        cxm_ticket_rules rules = rules_of(presets[trial % 4]);
        cxm_ticket_life a = {.size = sizeof a}, b = {.size = sizeof b};
        while (cut.n && cut.events[cut.n - 1].at_us > DAWN + as_of * US) --cut.n;
        cxm_status first = cxm_ticket_measure(s.events, s.n, &rules, DAWN + as_of * US, NULL, NULL, 0, &a);
        assert_int_equal(cxm_ticket_measure(cut.events, cut.n, &rules, DAWN + as_of * US, NULL, NULL, 0, &b), first);
        assert_memory_equal(&a, &b, sizeof a);
        assert_true(a.next_replies <= cut.n && a.solves <= cut.n && a.reopens <= a.solves);
    }
}

static cxm_calendar *calendar_of(const char *text)
{
    cxm_zone *zone = NULL;
    cxm_calendar *calendar = NULL;
    assert_int_equal(cxm_zone_fixed(0, NULL, &zone), CXM_OK);
    assert_int_equal(cxm_calendar_create(text, strlen(text), zone, NULL, &calendar, NULL), CXM_OK);
    return calendar;
}

/* Open for the seconds 60 to 120 and 180 to 300 of a Thursday. */
static void a_calendar_counts_open_time(void **state)
{
    (void)state;
    static const char *const clocks[] = {"60", "-", "160", "10", "60", "170", "170"};
    cxm_calendar *calendar = calendar_of("weekly thu=00:01-00:02,00:03-00:05");
    story s = read_story("0:Cc1 150:Rh7 170:Sh7=h 240:Sh7=p 250:Sh7=o 290:Vh7");
    measured m = measure(&s, "zendesk", 600, calendar);
    for (int c = 0; c < CXM_TICKET_CLOCKS; ++c) assert_span(&m.life.clocks[c], clocks[c], cxm_ticket_clock_name(c));
    s = read_story("0:Cc1 70:Rh7 90:Rc1 200:Rh7 310:Rc1");
    m = measure(&s, "zendesk", 600, calendar);
    assert_int_equal(m.life.next_replies, 2);
    assert_span(&m.next[0], "50", "next");
    assert_span(&m.next[1], "0+", "next");
    cxm_calendar_free(calendar);
}

/* Where everything is open, open time is calendar time; but for what is negative, which stays so by both. */
static void always_open_is_calendar_time(void **state)
{
    (void)state;
    uint64_t seed = 99;
    cxm_calendar *calendar = calendar_of("weekly mon=00:00-24:00;tue=00:00-24:00;wed=00:00-24:00;thu=00:00-24:00;fri=00:00-24:00;"
                                         "sat=00:00-24:00;sun=00:00-24:00");
    for (int trial = 0; trial < 500; ++trial) {
        story s = random_story(&seed);
        measured a = measure(&s, presets[trial % 4], 500, NULL), b = measure(&s, presets[trial % 4], 500, calendar);
        assert_memory_equal(&a, &b, sizeof a);
    }
    cxm_calendar_free(calendar);
}

/* --- names, order, misuse --- */

static void presets_have_names(void **state)
{
    (void)state;
    cxm_ticket_rules rules = {.size = sizeof rules};
    assert_int_equal(cxm_ticket_preset("Zendesk", 7, &rules), CXM_E_METHOD);
    assert_int_equal(cxm_ticket_preset("zendes", 6, &rules), CXM_E_METHOD);
    assert_int_equal(cxm_ticket_preset(NULL, 0, &rules), CXM_E_ARG);
    assert_int_equal(cxm_ticket_preset("zendesk", 7, NULL), CXM_E_ARG);
    rules.size = 4;
    assert_int_equal(cxm_ticket_preset("zendesk", 7, &rules), CXM_E_ABI);
    assert_string_equal(cxm_ticket_clock_name(CXM_TICKET_NEXT_REPLY), "next_reply");
    assert_string_equal(cxm_ticket_clock_name(8), "unknown");
    assert_string_equal(cxm_ticket_clock_name(-1), "unknown");
    assert_true(cxm_ticket_code("a", 1) != cxm_ticket_code("b", 1) && cxm_ticket_code("", 0) && cxm_ticket_code(NULL, 5));
}

static cxm_status read_words(const char *kind, const char *actor, const char *status, cxm_ticket_event *e, int32_t *blame)
{
    return cxm_ticket_words(kind, strlen(kind), actor, strlen(actor), status, strlen(status), e, blame);
}

static void words_are_those_of_desks(void **state)
{
    (void)state;
    cxm_ticket_event e = {.at_us = 7, .who = 9, .channel = 3}, before;
    int32_t blame = -1;
    assert_int_equal(read_words("Public reply", "AGENT", "nonsense", &e, &blame), CXM_OK);
    assert_true(e.kind == CXM_TICKET_REPLY_PUBLIC && e.actor == CXM_TICKET_HUMAN && e.status == 0 && e.at_us == 7 && e.who == 9 && blame == 0);
    assert_int_equal(read_words(" status ", "end-user", "On hold", &e, NULL), CXM_OK);
    assert_true(e.kind == CXM_TICKET_STATUS && e.actor == CXM_TICKET_CUSTOMER && e.status == CXM_TICKET_HOLD);
    assert_int_equal(read_words("escalated", "ai-agent", "", &e, NULL), CXM_OK);
    assert_true(e.kind == CXM_TICKET_TRANSFERRED && e.tier == 1 && e.status == 0 && cxm_ticket_event_check(&e) == CXM_OK);
    before = e;
    assert_int_equal(read_words("teleported", "agent", "", &e, &blame), CXM_E_FORMAT);
    assert_int_equal(blame, 1);
    assert_int_equal(read_words("solved", "", "", &e, &blame), CXM_E_FORMAT);
    assert_int_equal(blame, 2);
    assert_int_equal(read_words("status", "agent", "lost", &e, &blame), CXM_E_FORMAT);
    assert_int_equal(blame, 3);
    assert_int_equal(read_words("a word of more than thirty-one letters", "agent", "", &e, &blame), CXM_E_FORMAT);
    assert_memory_equal(&e, &before, sizeof e);
    assert_int_equal(cxm_ticket_words(NULL, 0, NULL, 0, NULL, 0, &e, NULL), CXM_E_FORMAT);
    assert_int_equal(cxm_ticket_words(NULL, 1, "", 0, "", 0, &e, NULL), CXM_E_ARG);
    assert_int_equal(cxm_ticket_words("", 0, NULL, 1, "", 0, &e, NULL), CXM_E_ARG);
    assert_int_equal(cxm_ticket_words("", 0, "", 0, NULL, 1, &e, NULL), CXM_E_ARG);
    assert_int_equal(cxm_ticket_words("", 0, "", 0, "", 0, NULL, NULL), CXM_E_ARG);
}

static void events_have_one_order(void **state)
{
    (void)state;
    cxm_ticket_event a = {.at_us = 5, .kind = CXM_TICKET_REPLY_PUBLIC, .actor = CXM_TICKET_HUMAN, .who = 4, .channel = 2}, b = a;
    assert_int_equal(cxm_ticket_event_compare(&a, &b), 0);
    b.channel = 3;
    assert_true(cxm_ticket_event_compare(&a, &b) < 0);
    b.who = 3;
    assert_true(cxm_ticket_event_compare(&a, &b) > 0);
    a.tier = 1;
    b.tier = 2;
    assert_true(cxm_ticket_event_compare(&a, &b) < 0);
    a.status = 3;
    assert_true(cxm_ticket_event_compare(&a, &b) > 0);
    b.actor = CXM_TICKET_BOT;
    assert_true(cxm_ticket_event_compare(&a, &b) < 0);
    b.kind = CXM_TICKET_ANSWERED;
    assert_true(cxm_ticket_event_compare(&a, &b) > 0);
    b.at_us = 6;
    assert_true(cxm_ticket_event_compare(&a, &b) < 0);
    assert_true(cxm_ticket_event_compare(NULL, &b) < 0 && cxm_ticket_event_compare(&b, NULL) > 0 && cxm_ticket_event_compare(NULL, NULL) == 0);
}

static void fields_are_checked(void **state)
{
    (void)state;
    const cxm_ticket_event good = {.at_us = DAWN, .kind = CXM_TICKET_STATUS, .actor = CXM_TICKET_HUMAN, .status = CXM_TICKET_HOLD};
    cxm_ticket_event bad[10];
    for (size_t i = 0; i < 10; ++i) bad[i] = good;
    bad[0].kind = 0;
    bad[1].kind = 13;
    bad[2].actor = 0;
    bad[3].actor = 5;
    bad[4].status = 0;
    bad[5].status = 7;
    bad[6].kind = CXM_TICKET_SOLVED;        /* with a status */
    bad[7].tier = 1;
    bad[8].at_us = INT64_MIN;
    bad[9].at_us = INT64_MAX;
    assert_int_equal(cxm_ticket_event_check(&good), CXM_OK);
    assert_int_equal(cxm_ticket_event_check(NULL), CXM_E_ARG);
    for (size_t i = 0; i < 10; ++i) assert_int_equal(cxm_ticket_event_check(&bad[i]), CXM_E_DOMAIN);
}

static void misuse_is_refused(void **state)
{
    (void)state;
    story s = read_story("0:Cc1 60:Rh7"), wrong = read_story("60:Rh7 0:Cc1"), twice = read_story("0:Cc1 60:Rh7 60:Rh7"), none = read_story("5:Rh7");
    cxm_ticket_rules rules = rules_of("zendesk"), bad = rules;
    cxm_ticket_life life = {.size = sizeof life};
    cxm_ticket_span next[2];
    assert_int_equal(cxm_ticket_measure(NULL, 1, &rules, DAWN, NULL, NULL, 0, &life), CXM_E_ARG);
    assert_int_equal(cxm_ticket_measure(s.events, s.n, NULL, DAWN, NULL, NULL, 0, &life), CXM_E_ARG);
    assert_int_equal(cxm_ticket_measure(s.events, s.n, &rules, DAWN, NULL, NULL, 1, &life), CXM_E_ARG);
    assert_int_equal(cxm_ticket_measure(s.events, s.n, &rules, DAWN, NULL, next, 2, NULL), CXM_E_ARG);
    assert_int_equal(cxm_ticket_measure(s.events, s.n, &rules, INT64_MAX, NULL, next, 2, &life), CXM_E_ARG);
    assert_int_equal(cxm_ticket_measure(wrong.events, wrong.n, &rules, DAWN, NULL, next, 2, &life), CXM_E_ARG);
    assert_int_equal(cxm_ticket_measure(twice.events, twice.n, &rules, DAWN, NULL, next, 2, &life), CXM_E_ARG);
    assert_int_equal(cxm_ticket_measure(none.events, none.n, &rules, DAWN + 9 * US, NULL, next, 2, &life), CXM_E_UNDEFINED);
    assert_int_equal(cxm_ticket_measure(NULL, 0, &rules, DAWN, NULL, NULL, 0, &life), CXM_E_UNDEFINED);
    assert_int_equal(cxm_ticket_measure(s.events, s.n, &rules, DAWN - US, NULL, NULL, 0, &life), CXM_E_UNDEFINED);      /* not yet created */
    for (int i = 0; i < 5; ++i) {
        bad = rules;
        if (i == 0) bad.reserved = 1;
        if (i == 1) bad.queues = 2;
        if (i == 2) bad.answers = 1;
        if (i == 3) bad.wait = 1u << 7;
        if (i == 4) bad.from_customer = -1;
        assert_int_equal(cxm_ticket_measure(s.events, s.n, &bad, DAWN, NULL, NULL, 0, &life), CXM_E_ARG);
    }
    bad.size = 8;
    assert_int_equal(cxm_ticket_measure(s.events, s.n, &bad, DAWN, NULL, NULL, 0, &life), CXM_E_ABI);
    life.size = 8;
    assert_int_equal(cxm_ticket_measure(s.events, s.n, &rules, DAWN, NULL, NULL, 0, &life), CXM_E_ABI);
}

/* Next replies without room are counted all the same. */
static void room_may_be_short(void **state)
{
    (void)state;
    story s = read_story("0:Cc1 60:Rh7 100:Rc1 150:Rh7 200:Rc1 290:Rh7");
    cxm_ticket_rules rules = rules_of("zendesk");
    cxm_ticket_life life = {.size = sizeof life};
    cxm_ticket_span next[2] = {{0, 0, 0}, {-1, -1, -1}};
    assert_int_equal(cxm_ticket_measure(s.events, s.n, &rules, DAWN + 500 * US, NULL, next, 1, &life), CXM_OK);
    assert_int_equal(life.next_replies, 2);
    assert_span(&next[0], "50", "next");
    assert_int_equal(next[1].us, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clocks_are_as_defined), cmocka_unit_test(facts_are_as_defined), cmocka_unit_test(everything_is_counted),
        cmocka_unit_test(states_equal_time_stepped), cmocka_unit_test(later_events_are_not_known),
        cmocka_unit_test(a_calendar_counts_open_time), cmocka_unit_test(always_open_is_calendar_time),
        cmocka_unit_test(presets_have_names), cmocka_unit_test(words_are_those_of_desks),
        cmocka_unit_test(events_have_one_order), cmocka_unit_test(fields_are_checked),
        cmocka_unit_test(misuse_is_refused), cmocka_unit_test(room_may_be_short),
    };
    return cmocka_run_group_tests_name("response/ticket", tests, NULL, NULL);
}
