#!/bin/sh
# claude-env git hook, form 2: written by `claude-env hooks install`; `claude-env hooks uninstall` removes it.
# An existing hook was renamed to NAME.claude-env-before. It runs first, under its own name, and uninstall restores it.
name=@NAME@
program=@PROGRAM@
before=${0%/*}/../hooks-before-claude-env/$name
[ -x "$before" ] || before=${0%/*}/$name.claude-env-before
status=0
if [ -x "$before" ]; then
    "$before" "$@"
    status=$?
    case $name in pre-*) [ "$status" = 0 ] || exit "$status" ;; esac
fi
[ "${CLAUDE_ENV-}" != 0 ] || exit "$status"
if [ ! -x "$program" ]; then
    echo "claude-env: $program not found, so the hook $name does nothing; install claude-env and run 'claude-env hooks install', or delete $0" >&2
    exit "$status"
fi
"$program" hook "$name" "$@"
ours=$?
# A post-* hook must never make git fail; a pre-* hook only if the check ran and rejected the commit.
case $name$ours in pre-*126 | pre-*127 | post-*) exit "$status" ;; esac
exit "$ours"
