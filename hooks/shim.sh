#!/bin/sh
# claude-env git hook, form 1: `claude-env hooks install` wrote it, `claude-env hooks uninstall` takes it away.
# What was here before is beside it, runs first, and comes back then.
name=@NAME@
program=@PROGRAM@
before=${0%/*}/$name.claude-env-before
status=0
if [ -x "$before" ]; then
    "$before" "$@"
    status=$?
    case $name in pre-*) [ "$status" = 0 ] || exit "$status" ;; esac
fi
[ "${CLAUDE_ENV-}" != 0 ] || exit "$status"
if [ ! -x "$program" ]; then
    echo "claude-env: $program is gone, so the hook $name does nothing; install claude-env and run 'claude-env hooks install', or delete $0" >&2
    exit "$status"
fi
"$program" hook "$name" "$@"
ours=$?
# After the fact git must not fail because of us; before it, only because we looked and said no.
case $name$ours in pre-*126 | pre-*127 | post-*) exit "$status" ;; esac
exit "$ours"
