# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_ccx_sec_global_optspecs
    string join \n store= kubeconfig= context= n/namespace= ca= timeout= o/output= q/quiet v/verbose color= no-input h/help V/version
end

function __fish_ccx_sec_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_ccx_sec_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_ccx_sec_using_subcommand
    set -l cmd (__fish_ccx_sec_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c ccx-sec -n "__fish_ccx_sec_needs_command" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_needs_command" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_needs_command" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_needs_command" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_needs_command" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_needs_command" -l timeout -d 'How long to wait for an answer of the store, all attempts together' -r
complete -c ccx-sec -n "__fish_ccx_sec_needs_command" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
json\t'One JSON document'
yaml\t'One YAML document'"
complete -c ccx-sec -n "__fish_ccx_sec_needs_command" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_needs_command" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_needs_command" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_needs_command" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_needs_command" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_needs_command" -f -a "ca" -d 'The certificate authority: make it, show it, check it, hand it out'
complete -c ccx-sec -n "__fish_ccx_sec_needs_command" -f -a "doctor" -d 'Look at this machine and the cluster, and say what is missing'
complete -c ccx-sec -n "__fish_ccx_sec_needs_command" -f -a "completion" -d 'Print the completions for a shell'
complete -c ccx-sec -n "__fish_ccx_sec_needs_command" -f -a "man" -d 'Print the manual page, or write those of all commands'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and not __fish_seen_subcommand_from init show check export import" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and not __fish_seen_subcommand_from init show check export import" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and not __fish_seen_subcommand_from init show check export import" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and not __fish_seen_subcommand_from init show check export import" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and not __fish_seen_subcommand_from init show check export import" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and not __fish_seen_subcommand_from init show check export import" -l timeout -d 'How long to wait for an answer of the store, all attempts together' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and not __fish_seen_subcommand_from init show check export import" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
json\t'One JSON document'
yaml\t'One YAML document'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and not __fish_seen_subcommand_from init show check export import" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and not __fish_seen_subcommand_from init show check export import" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and not __fish_seen_subcommand_from init show check export import" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and not __fish_seen_subcommand_from init show check export import" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and not __fish_seen_subcommand_from init show check export import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and not __fish_seen_subcommand_from init show check export import" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and not __fish_seen_subcommand_from init show check export import" -f -a "init" -d 'Make a self-signed CA and store it; refuses where there is one'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and not __fish_seen_subcommand_from init show check export import" -f -a "show" -d 'Show the CA\'s certificate, where it is stored, and the members of its bundle'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and not __fish_seen_subcommand_from init show check export import" -f -a "check" -d 'Check that the CA is there, sound and not about to expire'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and not __fish_seen_subcommand_from init show check export import" -f -a "export" -d 'Write the CA certificates, for clients to trust'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and not __fish_seen_subcommand_from init show check export import" -f -a "import" -d 'Store a CA certificate and key that were made elsewhere; refuses where there is one'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from init" -l common-name -d 'Common name of the CA; asked for when missing' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from init" -l organization -d 'Organization of the CA; asked for with the common name' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from init" -l key-type -d 'The kind of key' -r -f -a "ecdsa-p256\t'ECDSA on P-256 with SHA-256'
ecdsa-p384\t'ECDSA on P-384 with SHA-384'
ed25519\t'Ed25519 (RFC 8410); older database clients cannot verify it'
rsa-2048\t'RSA, 2048 bits, PKCS#1 v1.5 with SHA-256'
rsa-3072\t'RSA, 3072 bits, PKCS#1 v1.5 with SHA-256'
rsa-4096\t'RSA, 4096 bits, PKCS#1 v1.5 with SHA-256'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from init" -l validity -d 'How long the CA is valid: 10y, 90d, 1y6mo' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from init" -l permit-dns -d 'A DNS domain that the CA may sign for, with all below it; repeatable' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from init" -l permit-ip -d 'A range of addresses that the CA may sign for, v4 or v6; repeatable' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from init" -l dry-run -d 'Make nothing: client prints the public part, server also makes every check in the store' -r -f -a "client\t'Print the public part of what would be made'
server\t'The same, after the store has made all its checks'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from init" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from init" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from init" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from init" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from init" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from init" -l timeout -d 'How long to wait for an answer of the store, all attempts together' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from init" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
json\t'One JSON document'
yaml\t'One YAML document'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from init" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from init" -l if-not-exists -d 'Where there is a CA already, show it and exit 0'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from init" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from init" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from init" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from init" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from show" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from show" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from show" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from show" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from show" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from show" -l timeout -d 'How long to wait for an answer of the store, all attempts together' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from show" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
json\t'One JSON document'
yaml\t'One YAML document'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from show" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from show" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from check" -l expires-within -d 'Fail also when the CA expires within this time: 30d, 6mo' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from check" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from check" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from check" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from check" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from check" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from check" -l timeout -d 'How long to wait for an answer of the store, all attempts together' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from check" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
json\t'One JSON document'
yaml\t'One YAML document'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from check" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from check" -l strict -d 'Fail on warnings too'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from check" -l no-repair -d 'Only look; write nothing'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from check" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from check" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from check" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from export" -l format -d 'The format' -r -f -a "pem\t'PEM; all certificates of the bundle'
der\t'DER; the active certificate alone'
pkcs12\t'PKCS#12; a trust store of the bundle, or with the key a key store'
jks\t'Java\'s JKS; a trust store of the bundle'
configmap\t'A manifest of a ConfigMap with ca.crt'
secret\t'A manifest of a Secret with ca.crt, or with the key that of the CA'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from export" -l out -d 'The file to write; standard output when missing' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from export" -l passphrase-file -d 'A file whose first line is the passphrase; asked for when missing' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from export" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from export" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from export" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from export" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from export" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from export" -l timeout -d 'How long to wait for an answer of the store, all attempts together' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from export" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
json\t'One JSON document'
yaml\t'One YAML document'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from export" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from export" -l force -d 'Replace the file'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from export" -l with-key -d 'Include the CA\'s private key, after a typed confirmation'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from export" -l yes-export-private-key -d 'Confirm --with-key without being asked'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from export" -l no-passphrase -d 'Write the private key in the clear'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from export" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from export" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from export" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from export" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from import" -l cert -d 'The CA certificate, PEM or DER; - is standard input' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from import" -l key -d 'Its private key, PEM or DER; - is standard input. Without it, the key is in --cert' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from import" -l passphrase-file -d 'A file whose first line is the passphrase of the key; asked for when missing' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from import" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from import" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from import" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from import" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from import" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from import" -l timeout -d 'How long to wait for an answer of the store, all attempts together' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from import" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
json\t'One JSON document'
yaml\t'One YAML document'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from import" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from import" -l dry-run -d 'Make every check, in the store too, and store nothing'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from import" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from import" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from import" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from import" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand doctor" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand doctor" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand doctor" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand doctor" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand doctor" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand doctor" -l timeout -d 'How long to wait for an answer of the store, all attempts together' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand doctor" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
json\t'One JSON document'
yaml\t'One YAML document'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand doctor" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand doctor" -l fix-hints -d 'Say what to do about each thing that is not as it should be'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand doctor" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand doctor" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand doctor" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand doctor" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand completion" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand completion" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand completion" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand completion" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand completion" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand completion" -l timeout -d 'How long to wait for an answer of the store, all attempts together' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand completion" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
json\t'One JSON document'
yaml\t'One YAML document'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand completion" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand completion" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand completion" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand completion" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand completion" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand completion" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand man" -l out -d 'The directory for the pages of all commands' -r -f -a "(__fish_complete_directories)"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand man" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand man" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand man" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand man" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand man" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand man" -l timeout -d 'How long to wait for an answer of the store, all attempts together' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand man" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
json\t'One JSON document'
yaml\t'One YAML document'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand man" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand man" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand man" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand man" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand man" -s V -l version -d 'Print version'
