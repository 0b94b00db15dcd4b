#compdef ccx-sec
# Completion of ccx-sec for zsh. The program is asked at each Tab.

_ccx-sec() {
    local program=${(Q)words[1]/#\~/$HOME} answer line value
    local -a lines plain open
    (( $+commands[$program] )) || [[ -x $program ]] || program=ccx-sec
    answer=$("$program" __complete -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)
    lines=("${(@f)answer}")
    local files=$lines[-1]
    lines[-1]=()
    for line in $lines; do
        # _describe takes VALUE:DESCRIPTION, with a colon in the value escaped.
        value=${${line%%$'\t'*}//:/\\:}
        if [[ $line == *$'\t'?* ]]; then
            line=$value:${line#*$'\t'}
        else
            line=$value
        fi
        if [[ $value == *[=:/] ]]; then
            open+=("$line")
        else
            plain+=("$line")
        fi
    done
    local -i found=1
    (( $#plain )) && _describe -V value plain && found=0
    (( $#open )) && _describe -V value open -S '' && found=0
    local before=${files#*$'\t'}
    case $files in
        :files*)
            compset -P "${(b)before}"
            _files && found=0
            ;;
        :directories*)
            compset -P "${(b)before}"
            _files -/ && found=0
            ;;
    esac
    return found
}

# Loaded by compinit from a folder of $fpath, this file is the function; sourced, it is not.
if [[ ${funcstack[1]} == _ccx-sec ]]; then
    _ccx-sec "$@"
else
    compdef _ccx-sec ccx-sec
fi
