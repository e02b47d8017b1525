#!/bin/sh
# PreToolUse hook for Bash: no forced push to a protected branch.
#
# Claude Code gives the call as JSON on stdin. Exit code 0 lets the command run; exit code 2 stops
# it, and Claude reads what is on stderr. Every other code lets it run, so a guard that cannot
# do its work must end with 2.
#
# It reads the text of a command. It does not see through aliases, scripts or variables: it is a
# seat belt, and branch protection on the server is the brake. Needs only sh and awk.
set -u

reason=$(awk -v protected="main master" '
    # The JSON string whose first character is text[at], without its escapes.
    function unquote(text, at,    out, c) {
        out = ""
        while (at <= length(text)) {
            c = substr(text, at++, 1)
            if (c == "\"") return out
            if (c == "\\") {
                c = substr(text, at++, 1)
                if (c == "n" || c == "r" || c == "t") c = (c == "t" ? " " : "\n")
                else if (c == "u") { c = " "; at += 4 }
            }
            out = out c
        }
        return out
    }

    # Why the simple command `line` must not run; empty when it may.
    function objection(line,    w, n, i, force, every, places, spec) {
        n = split(line, w, " ")
        for (i = 1; i <= n && w[i] !~ /^(.*\/)?git$/; i++) { }
        for (i++; i <= n && w[i] ~ /^-/; i++)          # options of git itself
            if (w[i] ~ /^(-C|-c|--git-dir|--work-tree|--namespace)$/) i++
        if (i > n || w[i] != "push") return ""

        force = every = places = 0
        spec = ""
        for (i++; i <= n; i++) {
            if (w[i] == "--mirror") { force = every = 1 }
            else if (w[i] ~ /^--(all|branches)$/) every = 1
            else if (w[i] ~ /^--force/ || w[i] ~ /^-[a-zA-Z]*f/) force = 1
            else if (w[i] ~ /^(-o|--push-option|--repo|--exec|--receive-pack)$/) i++
            else if (w[i] !~ /^-/ && ++places > 1) {   # the first one is the remote
                if (w[i] ~ /^\+/) force = 1
                spec = spec " " w[i]
            }
        }
        if (!force) return ""
        if (every) return "a forced push of all branches includes the protected ones"
        if (spec == "") return "name the remote and the branch of a forced push"

        n = split(spec, w, " ")
        for (i = 1; i <= n; i++) {
            sub(/^\+/, "", w[i])
            sub(/^.*:/, "", w[i])
            sub(/^refs\/heads\//, "", w[i])
            if (w[i] ~ /[$`*]/ || w[i] == "HEAD" || w[i] == "@")
                return "write the branch of a forced push out in full"
            if (index(" " protected " ", " " w[i] " "))
                return "a forced push to " w[i] " rewrites what others build on"
        }
        return ""
    }

    { input = input $0 "\n" }

    END {
        # Inside a JSON string every quote is escaped, so this can only be the key itself.
        if (!match(input, /"command"[ \t\n]*:[ \t\n]*"/)) {
            print "cannot find the command in the input of the hook"
            exit
        }
        command = unquote(input, RSTART + RLENGTH)
        gsub(/\\\n/, " ", command)                     # continued lines
        gsub(/[0-9]*[<>]+&?[ \t]*[^ \t\n;|&]*/, " ", command)   # redirections
        gsub(/["\047\\]/, "", command)                 # quotes
        gsub(/[(){}]/, " ", command)                   # groups and subshells
        count = split(command, part, /[;&|\n]+/)
        for (p = 1; p <= count; p++) {
            why = objection(part[p])
            if (why != "") { print why; exit }
        }
    }
') || reason="awk failed, so the command could not be checked"

[ -z "$reason" ] && exit 0
echo "guard: $reason" >&2
exit 2
