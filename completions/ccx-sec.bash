# shellcheck shell=bash
# Completion of ccx-sec for bash. The program is asked at each Tab.

_ccx_sec() {
    COMPREPLY=()
    # Bash splits words at = and :, the program needs them as they were typed: words with no
    # blank between them are joined again. What is right of the cursor does not count.
    local line=${COMP_LINE:0:COMP_POINT} words=() word i
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ $i -eq 0 || $line == [[:blank:]]* ]]; then
            line=${line#"${line%%[![:blank:]]*}"}
            words+=('')
        fi
        [[ $i -lt $COMP_CWORD ]] || word=$line
        line=${line#"$word"}
        words[${#words[@]} - 1]+=$word
    done
    local current=${words[${#words[@]} - 1]}
    current=${current#[\"\']}
    words[${#words[@]} - 1]=$current

    local program=${1/#\~/$HOME}
    type -P -- "$program" >/dev/null || program=ccx-sec
    local lines=()
    while IFS= read -r word; do lines+=("$word"); done < <(
        "$program" __complete -- "${words[@]:1}" 2>/dev/null
    )
    [[ ${#lines[@]} -gt 0 ]] || return 0
    local files=${lines[${#lines[@]} - 1]}
    unset "lines[${#lines[@]} - 1]"

    # Bash replaces only what is right of the last = or :, where these split words.
    local kept=''
    if [[ $current == *["=:"]* ]]; then
        kept=${current%"${current##*[=:]}"}
        [[ $kept != *: || $COMP_WORDBREAKS == *:* ]] || kept=''
        [[ $kept != *= || $COMP_WORDBREAKS == *=* ]] || kept=''
    fi
    for word in "${lines[@]}"; do
        word=${word%%$'\t'*}
        [[ $word == "$current"* ]] || continue
        [[ $word != *[=:/] ]] || compopt -o nospace
        printf -v word '%q' "${word#"$kept"}"
        COMPREPLY+=("$word")
    done
    case $files in
        :files*)
            if [[ ${#COMPREPLY[@]} -eq 0 ]]; then
                compopt -o bashdefault -o default
            else
                while IFS= read -r word; do COMPREPLY+=("$word"); done < <(
                    compgen -f -- "${current#"$kept"}"
                )
            fi
            ;;
        :directories*) [[ ${#COMPREPLY[@]} -ne 0 ]] || compopt -o dirnames ;;
    esac
}

complete -F _ccx_sec ccx-sec
