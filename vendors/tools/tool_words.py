"""The words by which a tool says how powerful it is: verbs with a level, and things that make a verb weigh more. Data.

These are general words of APIs; no single tool or server is named.
"""

from collections.abc import Mapping
from types import MappingProxyType

from vendors.tiers import Exposure


def _words(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


def _phrases(*lines: str) -> frozenset[str]:
    return frozenset(phrase.strip() for phrase in ",".join(lines).split(","))


VERBS: Mapping[Exposure, frozenset[str]] = MappingProxyType(
    {
        Exposure.SEVERE: _words(
            "delete drop destroy remove purge truncate wipe erase kill terminate uninstall discard reset cleanup flush",
            "trash empty evict expunge decommission deprovision prune restore shutdown pay repay refund charge payout",
            "withdraw deposit buy purchase sell trade bet stake unstake borrow lend redeem mint burn swap transfer",
            "remit donate bid invest liquidate tip topup hire rent grant revoke rotate impersonate elevate offboard",
        ),
        Exposure.HIGH: _words(
            "execute exec run rerun eval evaluate invoke call shell command script code deploy redeploy undeploy",
            "install upgrade launch start stop restart reboot boot spawn provision apply scale rollout rollback revert",
            "trigger activate deactivate dispatch inject control operate send resend email mail sms notify alert",
            "message publish unpublish post repost tweet broadcast share submit reply respond invite forward dial",
            "upload click tap type navigate goto go visit drag press fill swipe interact book reserve order approve",
            "sign connect mount push rebase migrate cordon drain suspend block quarantine isolate ban unlock authorize",
            "place deliver transmit expose clean clear overwrite finalize void settle forget abort turn power arm",
            "disarm print escalate promote demote deny reject decline allow trust whitelist blacklist failover",
            "invalidate expire",
        ),
        Exposure.MODERATE: _words(
            "create recreate write update upsert edit add set unset put insert append prepend move rename copy clone",
            "save store modify patch commit merge cherry pull archive unarchive close reopen cancel assign unassign",
            "comment import sync synchronize mark unmark star unstar fork dismiss request toggle enable disable",
            "subscribe unsubscribe follow unfollow like unlike pin unpin lock mute unmute register unregister ingest",
            "index reindex backup optimize vacuum init initialize checkout switch resize record bookmark label tag",
            "untag link unlink group reorder reprioritize prioritize pause resume schedule reschedule configure change",
            "replace generate build compile draft reconnect disconnect attach detach emulate stage unstage complete",
            "acknowledge react vote crop select accept confirm fix autofix transition reassign delegate reformat",
            "stream enroll onboard combine split compress decompress refactor adjust define allocate duplicate",
            "download export resolve unresolve increment decrement learn remember memorize log track finish claim",
            "transform train customize design compose populate bind begin end open new enqueue join leave play speak",
            "scroll renew",
        ),
        Exposure.LOW: _words(
            "get list read search find describe show view fetch lookup look count check status query help explain",
            "inspect compare diff tree info browse snapshot current retrieve return provide obtain analyze analyse",
            "summarize summarise visualize visualise calculate compute detect match enrich autocomplete extract ping",
            "echo validate verify estimate predict monitor watch wait scan audit lint review parse preview recommend",
            "suggest identify introspect discover explore display render translate measure profile benchmark aggregate",
            "filter sort rank forecast think plan ask answer investigate diagnose decode encode gather collect crawl",
            "scrape map whoami peek observe poll test debug hover screenshot convert format simulate demonstrate",
            "classify determine correlate infer interpret report tail grep research examine assess enumerate traverse",
            "geocode transcribe tokenize paginate histogram trace",
        ),
    }
)
LEVELS: Mapping[str, Exposure] = MappingProxyType({verb: level for level, verbs in VERBS.items() for verb in verbs})

# Verbs that are as often the thing as the deed: they count at the beginning, or when nothing plainer is said.
ALSO_THINGS = _words(
    "command script code shell email mail sms alert message post share book order control trade stake charge refund",
    "transfer deposit payout swap sign request call place block upgrade drain type pull comment import export commit",
    "star fork index backup record bookmark label tag link group schedule build draft like pin lock log track change",
    "stage trigger power trust print stream tip bid rent hire turn fix transition design play new open end claim",
    "list status query help tree info snapshot current view report review test plan map profile match filter",
    "sort rank diff count monitor watch format research look histogram search compute trace",
)
# A name may end in what it returns: user_list, issue_info.
READING_ENDS = _words("list details info count stats search lookup")
# What a description or name that has no verb is about, when it only tells something.
READING_THINGS = _words(
    "analysis analytics check checker comparison correlation detail details detection diagnostic diagnostics docs",
    "documentation enumeration estimate explorer forecast health healthcheck histogram history info information",
    "inspection instructions lint list listing log logs lookup metadata metrics overview preview regression report",
    "scan schema screenshot search similarity snapshot statistic statistics stats status summary usage validation",
    "aggregation audit calculation find select calculator viewer reader finder summarizer recommendation promql logql",
    "jql kql soql gaql lucene recommendations guidance scraping crawl extraction research lookups searches scans",
    "review",
)
# Verbs that say nothing themselves: the thing that follows does (run a scan, perform a search, take a screenshot).
LIGHT = _words("run rerun execute perform conduct do make take capture")
# Verbs that leave it to a list behind them what is done: manage branches: list, create, delete.
MANAGING = _words("manage administer handle maintain")
# Verbs that keep their weight wherever they stand in a name.
ANYWHERE = _words("delete destroy remove purge truncate wipe erase uninstall terminate kill revoke execute exec")
# Verbs of a description's later parts that are sure signs of loss; others of their level weigh one level less there.
LOSING = _words("delete drop destroy purge truncate wipe erase kill terminate revoke uninstall")
# Plain changes: a tool with such a name is not read-only, whatever it declares.
CHANGING = _words("create write update edit add set put insert append modify patch rename move save upsert")
# Behind these a first word names the field and is no verb: search operations.
LABELLED = _words("operation command service api")

RIGHTS = _phrases(
    "permission, role, privilege, acl, policy, credential, secret, password, passphrase, access rule, access control",
    "access right, access level, collaborator, member, membership, owner, ownership, admin, administrator, token",
    "entitlement, api key, access key, secret key, ssh key, gpg key, deploy key, provisioning key, signing key",
    "encryption key, private key, user to group, user to role, user to team, users to group",
)
MONEY = _phrases(
    "payment, payout, refund, charge, transfer, fund, money, order, trade, transaction, withdrawal, deposit, eth, btc",
    "crypto, nft, smart contract",
)
# Things that move money when a deed below ends or settles them.
OWED = _phrases("invoice, subscription, membership, bill, dispute, plan, escrow")
SETTLING = _words("cancel finalize void settle approve renew close accept")
# Things that run, or that send data on, once they exist; only as the thing made, not as what describes it.
RUNNING = _words(
    "deployment pod workload job cronjob daemonset statefulset container instance vm machine function lambda webhook",
    "hook trigger agent assistant copilot bot droplet sandbox resource manifest stack daemon",
)
STATEMENTS = _words("query sql cypher statement")
# Where a query may as well change: query a database.
QUERIED = _words("database db sql")
# Verbs that only take a copy of what is named with them.
COPYING = _words("save download export copy")
CALLS_OUT = _phrases("http request, api request, api call, rest request, web request")

# Words before the first verb of a description: this tool lets you …
FILLERS = _words(
    "this the a an tool tools command commands operation operations function functions method api endpoint will can is",
    "are be used use using to for of that which who lets let allows allow enables enable helps you your us user users",
    "agent agents llm easily safely quickly securely directly permanently bulk batch powerful simple fast server mcp",
    "client clients interface utility",
)
PREPOSITIONS = _words(
    "for from in on to with using by at as via and or into within under over of that which based if",
)

CODE_PARAMETERS = _words("command cmd shell script shellcommand commandline javascript")
STATEMENT_PARAMETERS = _words("sql statement cypher sqlquery")
FORCING = _words("force forced")
OPERATION_PARAMETERS = _words("action method operation op mode subcommand command verb")
RECIPIENTS = _words("to recipient recipients cc bcc destination toaddress payee beneficiary")
CONTENTS = _words("subject body message text content")
AMOUNTS = _words("amount quantity value lamports wei sats")
