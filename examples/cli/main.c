/* SPDX-License-Identifier: MIT */
/* main.c - cxm: the first word chooses a command. */
#define _POSIX_C_SOURCE 200809L
#include "cli.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* In pieces, as compilers need not take a longer text. */
static const char *const usage[] = {
    "usage: cxm COMMAND FILE [options]\n"
    "\n"
    "  cxm inspect FILE...              what is in this file and how it would be read\n"
    "  cxm score   FILE --metric nps    NPS, CSAT, CES, any declared scale, or labels, by segment and window\n"
    "  cxm response FILE                response and resolution times: percentiles, share within a target\n"
    "  cxm churn   FILE                 every named churn rate, revenue retention, movements, of subscriptions and purchases\n"
    "  cxm cohort  FILE                 of who started in one month, how many are there later: the triangle; who buys again\n"
    "  cxm survival FILE                how long customers stay: the curve, median and mean tenure, a test of segments\n"
    "  cxm merge   -o OUT STATE...      states of score, response and churn, from any machine, in any order\n"
    "  cxm score   --counts 0:12,7:30,9:58 --metric nps      the same from a table of counts\n"
    "  cxm compare A B | FILE --by COLUMN | FILE --at TIME     differences with intervals, p and a verdict\n"
    "  cxm calendar FILE --check        opening hours: the next changes; --between T1 T2, --due T DURATION\n"
    "  cxm plan    nps|share|mean --margin M | --detect D      how many answers are needed\n"
    "\n"
    "options of score\n"
    "  --metric nps|csat|ces|scale|labels          what to compute (needed)\n"
    "  --map FIELD=COLUMN               FIELD is score, label or time; COLUMN a header name or #4\n"
    "  --scale LO..HI  --direction higher|lower  --top A..B  --value mean|top|net\n"
    "                                   the declared scale and the printed value; nps 0..10 net,\n"
    "                                   csat 1..5 top, ces 1..7 mean unless told\n"
    "  --positive WORD  --negative WORD            the net of labels, each as often as needed\n"
    "  --by COLUMN                      one result a segment, and the total; again: crossed\n"
    "  --every day|week|month|quarter|year|7d      event-time windows\n"
    "  --tz UTC|+05:30  --since T  --until T       day boundaries; range [since, until)\n"
    "  --dedupe first|latest --key COLUMN          one answer a respondent, by time\n"
    "  --missing WORD                   one more word for \"no answer\"\n"
    "  --strict                         any unparsed or out-of-range answer fails\n"
    "  --max-unparsed PCT               share of answers that may be unreadable, default 1\n"
    "  --level 0.95  --interval NAME    confidence level and method\n"
    "  --threads N                      read by N threads; the same results for every N\n"
    "  --state-out FILE                 the mergeable state beside the printed result\n",
    "options of response, beside those that read\n"
    "  --map FIELD=COLUMN               FIELD is duration, or created with first_reply or solved\n"
    "  --unit us|ms|s|min|h             of a column of durations, seconds unless told; 1:02:03 is read, too\n"
    "  --target 4h                      the share of times within it; what is open runs to --until, else to the latest time\n"
    "  --target COLUMN                  one for each row: a due time, or seconds or 1:02:03 from the creation on\n"
    "  --target priority:urgent=1h,high=4h         one for each value of a column; other rows have no promise\n"
    "  --quantiles 0.5,0.9              which percentiles; 0.5,0.9,0.95,0.99 unless told\n"
    "  --metric first_reply|resolution|COLUMN      one of them alone; of events also first_bot_reply, next_reply,\n"
    "                                   wait, agent_wait, on_hold, first_resolution\n"
    "  --preset zendesk|intercom|freshdesk|callcentre      whose definitions; of a file of events: columns ticket,\n"
    "                                   time, event, actor, and who, channel, status, customer where there are\n"
    "  --repeat-within 7d               how soon a customer comes again, for fcr_no_repeat and channel_change_rate\n"
    "  --active-customers N             of each window: contacts_per_customer\n"
    "  --short-abandon 5s               of --preset callcentre with --target: who gave up sooner is not in service_level_offered\n",
    "options of compare, beside those that read and declare\n"
    "  --target 4h  --value median|within          of response times: the share within it, else the median\n"
    "  --metric survival                tenures, as survival reads them: the difference of their restricted means, and log-rank\n"
    "  --at TIME                        after TIME less before it\n"
    "  --within COLUMN                  the same mix of COLUMN on both sides\n"
    "  --key COLUMN  --customers OUT    the same people twice; who moved where\n"
    "  --detect D                       answers a group that a difference of D needs\n"
    "  --exit                           exit code 10 where a difference is proven\n"
    "options of churn, beside those that read\n"
    "  --map FIELD=COLUMN               FIELD is customer, event, time, amount, currency, subscription; or of periods start, end\n"
    "  --since T  --until T | --every month        the period, or periods; the last whole month unless told\n"
    "  --definition NAME                one rate, again: several; all unless told\n"
    "  --cancel ended|requested         when a cancellation counts\n"
    "  --inactive 30d  --currency EUR   without a purchase for so long; of amounts, where no column tells it\n"
    "options of cohort, beside those that read, --map, --cancel and --currency of churn\n"
    "  --every week|month|quarter       month unless told; --until is where the data end, else the latest instant of FILE\n"
    "  --reading at_end|any             who pays at the end of a period, or at any time of it\n"
    "  --basis subscription|purchase|first         what a customer starts with\n"
    "  --tiers 50,200,1000              thresholds of spend, of purchases\n"
    "  --with FILE                      tickets or a survey of the same customers, again: more: who is silent\n"
    "options of survival, beside those that read\n"
    "  --map duration=COLUMN --map event=COLUMN    tenures, and who left: 1/0, yes/no, churned/active; or\n"
    "  --map start=COLUMN --map end=COLUMN         dates: whole days; a blank end goes on to --until, else to the latest day\n"
    "  --map entry=COLUMN               observed from there on, in the same unit, or a date\n"
    "  --weight COLUMN  --quantiles 0.25,0.5       how many a row stands for; which shares that have left\n"
    "  --interval plain|log|log-log     limits of the curve, log unless told\n"
    "options of plan\n"
    "  --margin M | --detect D  --power 0.8  --population N  --counts ...  --scale LO..HI\n"
    "options of all\n"
    "  --format auto|csv|tsv            how FILE is delimited\n"
    "  --json  --csv  --plain  -o FILE  another form of output; a file, whole or not at all\n"
    "  --color auto|never|always  -q  -v  --help  --version\n"
    "\n"
    "FILE may be - for standard input, or a state that one of them has written. Exit codes: 0 ok, 1 input/output, 2 usage, 3 input not\n"
    "readable as asked, 4 a limit or --strict failed, 10 a difference was found (compare --exit).\n"};

typedef struct command { const char *name; int (*run)(const options *opt); } command;

static const command commands[] = {{"calendar", command_calendar}, {"churn", command_churn}, {"cohort", command_cohort}, {"compare", command_compare},
                                   {"inspect", command_inspect}, {"merge", command_merge}, {"plan", command_plan}, {"response", command_response},
                                   {"score", command_score}, {"survival", command_survival}};
static const char *const planned[] = {"cltv", "watch", "report"};
enum { COMMANDS = sizeof commands / sizeof *commands, PLANNED = sizeof planned / sizeof *planned };

static int unknown_command(const char *name)
{
    const char *words[COMMANDS];
    for (size_t i = 0; i < COMMANDS; ++i) words[i] = commands[i].name;
    for (size_t i = 0; i < PLANNED; ++i)
        if (strcmp(name, planned[i]) == 0) return complain(EXIT_USAGE, "the command '%s' is not built yet", name);
    const char *meant = nearest(name, words, COMMANDS);
    if (meant) return complain(EXIT_USAGE, "no command '%s'; did you mean '%s'?", name, meant);
    return complain(EXIT_USAGE, "no command '%s'; 'cxm --help' lists them", name);
}

static bool put_usage(FILE *to)
{
    bool fine = true;
    for (size_t i = 0; i < sizeof usage / sizeof *usage; ++i) fine = fputs(usage[i], to) >= 0 && fine;
    return fine;
}

/* What was asked for; a closed stdout is an error here too. */
static int finish(bool fine)
{
    fine = fflush(stdout) == 0 && fine;
    return fine ? EXIT_FINE : complain(EXIT_IO, "cannot write to standard output: %s", strerror(errno));
}

static bool asks_for(int argc, char **argv, const char *word, const char *or_word)
{
    for (int i = 1; i < argc; ++i)
        if (strcmp(argv[i], word) == 0 || strcmp(argv[i], or_word) == 0) return true;
    return false;
}

static int run(const command *chosen, int argc, char **argv)
{
    static options opt;         /* large, and made once */
    opt.command = chosen->name;
    int code = options_parse(argc - 2, argv + 2, &opt);
    return code == EXIT_FINE ? chosen->run(&opt) : code;
}

/* A standard stream that is closed would lend its number to the next file, and what is said on it would end up
 * there. So each is taken, in the direction that it is not used in: it fails as a closed one does. */
static void hold_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
        if (fcntl(fd, F_GETFD) < 0) (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int main(int argc, char **argv)
{
    hold_standard_streams();
    signal(SIGPIPE, SIG_IGN);   /* a closed pipe is reported as an error, with exit code 1 */
    if (argc < 2) return (void)put_usage(stderr), EXIT_USAGE;
    if (asks_for(argc, argv, "--help", "-h") || strcmp(argv[1], "help") == 0) return finish(put_usage(stdout));
    if (asks_for(argc, argv, "--version", "--version")) return finish(fputs("cxm " CXM_VERSION "\n", stdout) >= 0);
    for (size_t i = 0; i < COMMANDS; ++i)
        if (strcmp(argv[1], commands[i].name) == 0) return run(&commands[i], argc, argv);
    return unknown_command(argv[1]);
}
