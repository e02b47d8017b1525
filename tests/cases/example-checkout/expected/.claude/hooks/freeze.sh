#!/bin/sh
# PreToolUse hook for Edit and Write: no edits while the release manager has frozen the tree.
# The freeze is a file, so that setting and lifting it is a commit that everyone can see.
[ -e "${CLAUDE_PROJECT_DIR:-.}/RELEASE_FREEZE" ] || exit 0

# Exit code 2 stops the edit, and Claude reads what is on stderr. Any other code stops nothing.
echo "freeze: RELEASE_FREEZE is present; ask the release manager before you edit files" >&2
exit 2
