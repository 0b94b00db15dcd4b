# Completion of ccx-sec for fish. The program is asked at each Tab.

function __ccx_sec_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program (string replace -r '^~' $HOME -- $words[1])
    type -q -- $program; or set program ccx-sec
    set -l lines ($program __complete -- $words[2..-1] "$current" 2>/dev/null)
    test (count $lines) -gt 0; or return
    set -l files (string split \t -- $lines[-1])
    set -e lines[-1]
    printf '%s\n' $lines
    set -l rest (string sub -s (math (string length -- "$files[2]") + 1) -- "$current")
    switch $files[1]
        case :files
            string replace -r '^' -- "$files[2]" (__fish_complete_path "$rest")
        case :directories
            string replace -r '^' -- "$files[2]" (__fish_complete_directories "$rest" '')
    end
end

complete -c ccx-sec -f -a '(__ccx_sec_complete)'
