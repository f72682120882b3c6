/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/confine.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

#include "cli/confine_calls.h"
#include "cli/confine_files.h"
#include "cli/confine_user.h"
#include "cli/packet_sockets.h"
#include "cli/say.h"
#include "cli/secrecy.h"

/* A sanitizer's runtime opens files and makes calls of its own. */
#ifdef CAS_INSTRUMENTED
#define IS_INSTRUMENTED true
#else
#define IS_INSTRUMENTED false
#endif

static bool is_strict(const struct cas_cli_confine_plan *plan)
{
    return plan->sandbox == CAS_CLI_SANDBOX_REQUIRE;
}

/* What is missing is a failure for the strict, and one line for others; true to go on. */
static bool go_on_without(const struct cas_cli_confine_plan *plan, const char *what)
{
    if (is_strict(plan)) {
        cas_cli_say("%s, and --sandbox require asks for it", what);
        return false;
    }
    if (!plan->is_quiet && !IS_INSTRUMENTED) {
        cas_cli_say("%s; going on without (--sandbox require would not)", what);
    }
    return true;
}

/* In a container root may have nobody else to become; what is asked for by name must be. */
static bool become(const struct cas_cli_confine_plan *plan, const struct cas_cli_user *user,
                   struct cas_cli_confinement *confinement)
{
    char what[160];
    switch (cas_cli_user_become(user)) {
    case CAS_CLI_BECAME:
        if (user->is_change) {
            memcpy(confinement->user, user->name, sizeof(confinement->user));
        }
        return true;
    case CAS_CLI_BECAME_NOT:
        (void)snprintf(what, sizeof(what), "root cannot become the user %s: %s", user->name,
                       strerror(errno));
        if (user->is_chosen) {
            cas_cli_say("%s; -Z root stays root", what);
            return false;
        }
        return go_on_without(plan, what);
    case CAS_CLI_BECAME_BADLY:
        break;
    }
    cas_cli_say("root has become %s, but could become root again: giving up", user->name);
    return false;
}

static bool give_rights_away(const struct cas_cli_confine_plan *plan,
                             struct cas_cli_confinement *confinement)
{
    struct cas_cli_user user;
    if (!cas_cli_user_find(plan->user, &user)) {
        return false;
    }
    if (plan->sandbox == CAS_CLI_SANDBOX_OFF && user.is_chosen && !user.is_change) {
        confinement->has_capabilities = cas_cli_has_capabilities();
        return true; /* root, and free: that was asked for */
    }
    for (size_t i = 0; i < plan->created_len; i++) {
        cas_cli_user_give(&user, plan->created[i]);
    }
    if (!become(plan, &user, confinement)) {
        return false;
    }
    confinement->has_capabilities = cas_cli_has_capabilities();
    return !confinement->has_capabilities ||
           go_on_without(plan, "this casniff was built without libcap-ng, so its "
                               "capabilities stay");
}

/* No core file with what was captured in it, no debugger. */
static bool keep_secrets(void)
{
    bool is_kept = cas_cli_secrecy_begin();
    if (!is_kept) {
        cas_cli_say("the secrets of a key log cannot be kept out of core files: %s",
                    strerror(errno));
    }
    return is_kept;
}

/* The same, and no children. */
static bool bind_process(struct cas_cli_confinement *confinement)
{
    const struct rlimit none = { 0 };
    confinement->has_no_new_privs = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
    bool is_bound = cas_cli_secrecy_begin() && setrlimit(RLIMIT_NPROC, &none) == 0;
    if (!confinement->has_no_new_privs || !is_bound) {
        cas_cli_say("the process cannot be bound: %s; --sandbox off does without",
                    strerror(errno));
        return false;
    }
    return true;
}

static bool confine_files(const struct cas_cli_confine_plan *plan,
                          struct cas_cli_confinement *confinement)
{
    confinement->landlock_abi = cas_cli_files_confine(plan);
    return confinement->landlock_abi > 0 ||
           go_on_without(plan, "the kernel, or this casniff, has no Landlock to confine which "
                               "files are opened");
}

static bool confine_calls(const struct cas_cli_confine_plan *plan,
                          struct cas_cli_confinement *confinement)
{
    confinement->calls = cas_cli_calls_confine(plan);
    if (confinement->calls != CAS_CLI_CALLS_FREE) {
        confinement->has_no_new_privs = true; /* the kernel takes no filter without */
    }
    return confinement->calls != CAS_CLI_CALLS_FREE ||
           go_on_without(plan, "the kernel, or this casniff, has no seccomp to confine the "
                               "system calls");
}

static bool enter_sandbox(const struct cas_cli_confine_plan *plan,
                          struct cas_cli_confinement *confinement)
{
    if (IS_INSTRUMENTED) {
        (void)cas_cli_secrecy_begin(); /* but the search for leaks looks into the process */
        if (plan->sandbox == CAS_CLI_SANDBOX_OFF) {
            return true;
        }
        confinement->has_no_new_privs = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
        return go_on_without(plan, "this casniff is instrumented for tests and does not "
                                   "confine itself");
    }
    switch (plan->sandbox) {
    case CAS_CLI_SANDBOX_OFF:
        return !plan->has_secrets || keep_secrets();
    case CAS_CLI_SANDBOX_LOG: /* nothing is refused, so that all that would be is seen */
        if (plan->has_secrets && !keep_secrets()) {
            return false;
        }
        break;
    case CAS_CLI_SANDBOX_ON:
    case CAS_CLI_SANDBOX_REQUIRE:
        if (!bind_process(confinement) || !confine_files(plan, confinement)) {
            return false;
        }
        break;
    }
    return confine_calls(plan, confinement);
}

int cas_cli_confine(const struct cas_cli_confine_plan *plan,
                    struct cas_cli_confinement *confinement)
{
    assert(confinement->stage == CAS_CLI_STAGE_OPENED);
    *confinement = (struct cas_cli_confinement){ 0 };
    tzset(); /* or the first gmtime() would open /etc/localtime */
    if (!cas_cli_packet_sockets_find().is_whole) {
        cas_cli_say("more than %d interfaces cannot be captured on in one run",
                    CAS_CLI_PACKET_SOCKETS_MAX);
        return CAS_EXIT_FAILED;
    }
    if (!give_rights_away(plan, confinement)) {
        return CAS_EXIT_FAILED;
    }
    if (!plan->is_quiet) {
        cas_cli_files_judge(plan, confinement->user);
    }
    if (!enter_sandbox(plan, confinement)) {
        return CAS_EXIT_FAILED;
    }
    confinement->stage = CAS_CLI_STAGE_CONFINED;
    return CAS_EXIT_DONE;
}

void cas_cli_confine_run(struct cas_cli_confinement *confinement)
{
    assert(confinement->stage == CAS_CLI_STAGE_CONFINED);
    confinement->stage = CAS_CLI_STAGE_RUNNING;
}

bool cas_cli_confine_can_capture(const struct cas_cli_confinement *confinement)
{
    return confinement->has_capabilities && confinement->calls == CAS_CLI_CALLS_FREE;
}

void cas_cli_confine_tell(const struct cas_cli_confinement *confinement, char *out_text,
                          size_t size)
{
    static const char *const calls[] = {
        [CAS_CLI_CALLS_FREE] = "no seccomp",
        [CAS_CLI_CALLS_LOGGED] = "seccomp (log)",
        [CAS_CLI_CALLS_KILLED] = "seccomp",
    };
    char landlock[32] = "no Landlock";
    if (confinement->landlock_abi > 0) {
        (void)snprintf(landlock, sizeof(landlock), "Landlock %d", confinement->landlock_abi);
    }
    (void)snprintf(out_text, size, "%s%s%s, %s, %s",
                   confinement->user[0] != '\0' ? "user " : "",
                   confinement->user[0] != '\0' ? confinement->user : "same user",
                   confinement->has_capabilities ? ", capabilities" : ", no capabilities",
                   landlock, calls[confinement->calls]);
}
