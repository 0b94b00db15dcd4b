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
complete -c ccx-sec -n "__fish_ccx_sec_needs_command" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_needs_command" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
complete -c ccx-sec -n "__fish_ccx_sec_needs_command" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_needs_command" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_needs_command" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_needs_command" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_needs_command" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_needs_command" -f -a "ca" -d 'The certificate authority: make it, show it, check it, hand it out'
complete -c ccx-sec -n "__fish_ccx_sec_needs_command" -f -a "cert" -d 'The certificates of nodes and clients: issue, renew, list, and look at them'
complete -c ccx-sec -n "__fish_ccx_sec_needs_command" -f -a "snippet" -d 'What servers, accounts and clients are told about TLS, as text to copy'
complete -c ccx-sec -n "__fish_ccx_sec_needs_command" -f -a "verify" -d 'Dial database servers as clients do, and say for each mode what happens, and why'
complete -c ccx-sec -n "__fish_ccx_sec_needs_command" -f -a "volume" -d 'Encrypted volumes: make them, use them, prove them, end them'
complete -c ccx-sec -n "__fish_ccx_sec_needs_command" -f -a "serve" -d 'Serve the CA to those who must trust it: an API and a page to download it'
complete -c ccx-sec -n "__fish_ccx_sec_needs_command" -f -a "install" -d 'Print what runs ccx-sec in a cluster, for kubectl apply'
complete -c ccx-sec -n "__fish_ccx_sec_needs_command" -f -a "doctor" -d 'Look at this machine and the cluster, and say what is missing'
complete -c ccx-sec -n "__fish_ccx_sec_needs_command" -f -a "completion" -d 'Print the completions for a shell'
complete -c ccx-sec -n "__fish_ccx_sec_needs_command" -f -a "man" -d 'Print the manual page, or write those of all commands'
complete -c ccx-sec -n "__fish_ccx_sec_needs_command" -f -a "x509-limbo" -d 'Run the cases of the x509-limbo suite through the verification of chains'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and not __fish_seen_subcommand_from init show check export fetch import" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and not __fish_seen_subcommand_from init show check export fetch import" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and not __fish_seen_subcommand_from init show check export fetch import" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and not __fish_seen_subcommand_from init show check export fetch import" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and not __fish_seen_subcommand_from init show check export fetch import" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and not __fish_seen_subcommand_from init show check export fetch import" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and not __fish_seen_subcommand_from init show check export fetch import" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and not __fish_seen_subcommand_from init show check export fetch import" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and not __fish_seen_subcommand_from init show check export fetch import" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and not __fish_seen_subcommand_from init show check export fetch import" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and not __fish_seen_subcommand_from init show check export fetch import" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and not __fish_seen_subcommand_from init show check export fetch import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and not __fish_seen_subcommand_from init show check export fetch import" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and not __fish_seen_subcommand_from init show check export fetch import" -f -a "init" -d 'Make a self-signed CA and store it; refuses where there is one'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and not __fish_seen_subcommand_from init show check export fetch import" -f -a "show" -d 'Show the CA\'s certificate, where it is stored, and the members of its bundle'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and not __fish_seen_subcommand_from init show check export fetch import" -f -a "check" -d 'Check that the CA is there, sound and not about to expire'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and not __fish_seen_subcommand_from init show check export fetch import" -f -a "export" -d 'Write the CA certificates, for clients to trust'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and not __fish_seen_subcommand_from init show check export fetch import" -f -a "fetch" -d 'Get the CA certificates from a service, and check that they are the right ones'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and not __fish_seen_subcommand_from init show check export fetch import" -f -a "import" -d 'Store a CA certificate and key that were made elsewhere; refuses where there is one'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from init" -l common-name -d 'Common name of the CA; when missing, asked for on a terminal, and ccx-sec CA without one' -r
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
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from init" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from init" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
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
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from show" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from show" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
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
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from check" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from check" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from check" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from check" -l strict -d 'Fail on warnings too'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from check" -l no-repair -d 'Only look; write nothing'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from check" -l accept-new-ca -d 'Accept a CA that was replaced: add it to the bundle as active, the old one as retiring'
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
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from export" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from export" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
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
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from fetch" -l sha256 -d 'The SHA-256 fingerprint of a certificate; several where there are several, as during a rotation' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from fetch" -l out -d 'The file to write; standard output when missing' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from fetch" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from fetch" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from fetch" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from fetch" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from fetch" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from fetch" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from fetch" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from fetch" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from fetch" -l force -d 'Replace the file'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from fetch" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from fetch" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from fetch" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from fetch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from fetch" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from import" -l cert -d 'The CA certificate, PEM or DER; - is standard input' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from import" -l key -d 'Its private key, PEM or DER; - is standard input. Without it, the key is in --cert' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from import" -l passphrase-file -d 'A file whose first line is the passphrase of the key; asked for when missing' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from import" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from import" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from import" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from import" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from import" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from import" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from import" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from import" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from import" -l dry-run -d 'Make every check, in the store too, and store nothing'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from import" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from import" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from import" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand ca; and __fish_seen_subcommand_from import" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and not __fish_seen_subcommand_from issue sign renew needs-renewal install list inspect" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and not __fish_seen_subcommand_from issue sign renew needs-renewal install list inspect" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and not __fish_seen_subcommand_from issue sign renew needs-renewal install list inspect" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and not __fish_seen_subcommand_from issue sign renew needs-renewal install list inspect" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and not __fish_seen_subcommand_from issue sign renew needs-renewal install list inspect" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and not __fish_seen_subcommand_from issue sign renew needs-renewal install list inspect" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and not __fish_seen_subcommand_from issue sign renew needs-renewal install list inspect" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and not __fish_seen_subcommand_from issue sign renew needs-renewal install list inspect" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and not __fish_seen_subcommand_from issue sign renew needs-renewal install list inspect" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and not __fish_seen_subcommand_from issue sign renew needs-renewal install list inspect" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and not __fish_seen_subcommand_from issue sign renew needs-renewal install list inspect" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and not __fish_seen_subcommand_from issue sign renew needs-renewal install list inspect" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and not __fish_seen_subcommand_from issue sign renew needs-renewal install list inspect" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and not __fish_seen_subcommand_from issue sign renew needs-renewal install list inspect" -f -a "issue" -d 'Issue a certificate for a node, a client, or every node of a fleet'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and not __fish_seen_subcommand_from issue sign renew needs-renewal install list inspect" -f -a "sign" -d 'Sign a certificate request (PKCS#10): the private key never leaves the node'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and not __fish_seen_subcommand_from issue sign renew needs-renewal install list inspect" -f -a "renew" -d 'Renew certificates that are due; those that are not stay as they are'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and not __fish_seen_subcommand_from issue sign renew needs-renewal install list inspect" -f -a "needs-renewal" -d 'Say whether cert renew would renew a certificate'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and not __fish_seen_subcommand_from issue sign renew needs-renewal install list inspect" -f -a "install" -d 'Give a running server a certificate, switch TLS on, and prove that it serves it'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and not __fish_seen_subcommand_from issue sign renew needs-renewal install list inspect" -f -a "list" -d 'List the certificates that have been issued, by datastore and node'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and not __fish_seen_subcommand_from issue sign renew needs-renewal install list inspect" -f -a "inspect" -d 'Show every certificate of a file, a server or a Secret, and what is wrong with each'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from issue" -l datastore -d 'The datastore that the node belongs to' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from issue" -l node -d 'The name of the node' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from issue" -l engine -d 'Its engine' -r -f -a "mysql\t'MySQL'
mariadb\t'MariaDB'
postgresql\t'PostgreSQL'
redis\t'Redis'
valkey\t'Valkey'
mssql\t'Microsoft SQL Server'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from issue" -l domain -d 'The domain of the datastores; the one that the CA is constrained to, where it is to one' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from issue" -l dns -d 'A further DNS name, such as that of the primary; repeatable' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from issue" -l ip -d 'An address, v4 or v6; repeatable' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from issue" -l replication -d 'Whether the node dials others with its certificate, which needs clientAuth in it' -r -f -a "true\t''
false\t''"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from issue" -l validity -d 'How long the certificate is valid, but never longer than the CA: 1y, 90d' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from issue" -l key-type -d 'The kind of key; ecdsa-p256, and rsa-2048 for mssql, where missing' -r -f -a "ecdsa-p256\t'ECDSA on P-256 with SHA-256'
ecdsa-p384\t'ECDSA on P-384 with SHA-384'
ed25519\t'Ed25519 (RFC 8410); older database clients cannot verify it'
rsa-2048\t'RSA, 2048 bits, PKCS#1 v1.5 with SHA-256'
rsa-3072\t'RSA, 3072 bits, PKCS#1 v1.5 with SHA-256'
rsa-4096\t'RSA, 4096 bits, PKCS#1 v1.5 with SHA-256'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from issue" -l common-name -d 'The common name of a client: for most engines the name of the user' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from issue" -l inventory -d 'The nodes of a fleet, as YAML, JSON or CSV; - is standard input, and not CSV' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from issue" -l out -d 'The directory for the files; made where it is missing' -r -f -a "(__fish_complete_directories)"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from issue" -l owner -d 'Who the files shall belong to, such as mysql:mysql' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from issue" -l key-mode -d 'Who may read the key: 0600, or 0640 for a key that root owns and the server\'s group reads' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from issue" -l jobs -d 'How many nodes at a time; the number of processors, and 16 with a cluster, where missing' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from issue" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from issue" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from issue" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from issue" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from issue" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from issue" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from issue" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from issue" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from issue" -l client -d 'Issue for a client instead, with --common-name'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from issue" -l secret -d 'Keep it in the store, as the Secret ccx-node-DATASTORE-NODE'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from issue" -l force -d 'Take the place of files that ccx-sec did not make, or of another\'s certificate'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from issue" -l dry-run -d 'Say what would be done, and do nothing'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from issue" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from issue" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from issue" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from issue" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from issue" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from sign" -l csr -d 'The request, PEM or DER; - is standard input' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from sign" -l datastore -d 'The datastore that the node belongs to' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from sign" -l node -d 'The name of the node' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from sign" -l engine -d 'Its engine' -r -f -a "mysql\t'MySQL'
mariadb\t'MariaDB'
postgresql\t'PostgreSQL'
redis\t'Redis'
valkey\t'Valkey'
mssql\t'Microsoft SQL Server'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from sign" -l domain -d 'The domain of the datastores; the one that the CA is constrained to, where it is to one' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from sign" -l dns -d 'A further DNS name, such as that of the primary; repeatable' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from sign" -l ip -d 'An address, v4 or v6; repeatable' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from sign" -l replication -d 'Whether the node dials others with its certificate, which needs clientAuth in it' -r -f -a "true\t''
false\t''"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from sign" -l validity -d 'How long the certificate is valid, but never longer than the CA: 1y, 90d' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from sign" -l allow-dns -d 'Names that it may ask for: a name, *.example.com for one label below it, or **.example.com for all; repeatable' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from sign" -l allow-ip -d 'Addresses that it may ask for; repeatable' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from sign" -l common-name -d 'The common name of a client' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from sign" -l out -d 'The file for the certificate, PEM; standard output when missing' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from sign" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from sign" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from sign" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from sign" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from sign" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from sign" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from sign" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from sign" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from sign" -l client -d 'Sign for a client instead, with --common-name'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from sign" -l force -d 'Replace the file'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from sign" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from sign" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from sign" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from sign" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from sign" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from renew" -l dir -d 'A directory with a certificate and its key, as cert issue --out writes it' -r -f -a "(__fish_complete_directories)"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from renew" -l secret -d 'The Secret NAME of the store; with --inventory, without a name, those of its nodes' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from renew" -l inventory -d 'The nodes of a fleet, as for cert issue' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from renew" -l out -d 'With --inventory, the directory of the fleet' -r -f -a "(__fish_complete_directories)"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from renew" -l before -d 'Due is what ends within this time: 30d; else what has a third of its life left' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from renew" -l validity -d 'How long the new certificate is valid, but never longer than the CA; as long as the old one was where missing' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from renew" -l exec -d 'A command for the shell, run when the files have changed' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from renew" -l owner -d 'Who the files shall belong to, such as mysql:mysql' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from renew" -l key-mode -d 'Who may read the key: 0600, or 0640 for a key that root owns and the server\'s group reads' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from renew" -l jobs -d 'How many nodes at a time; the number of processors, and 16 with a cluster, where missing' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from renew" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from renew" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from renew" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from renew" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from renew" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from renew" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from renew" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from renew" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from renew" -l force -d 'Renew also what is not due'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from renew" -l reuse-key -d 'Keep the key'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from renew" -l dry-run -d 'Say what would be done, and do nothing'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from renew" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from renew" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from renew" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from renew" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from renew" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from needs-renewal" -l dir -d 'A directory with a certificate and its key, as cert issue --out writes it' -r -f -a "(__fish_complete_directories)"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from needs-renewal" -l secret -d 'The Secret NAME of the store; with --inventory, without a name, those of its nodes' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from needs-renewal" -l inventory -d 'The nodes of a fleet, as for cert issue' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from needs-renewal" -l out -d 'With --inventory, the directory of the fleet' -r -f -a "(__fish_complete_directories)"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from needs-renewal" -l before -d 'Due is what ends within this time: 30d; else what has a third of its life left' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from needs-renewal" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from needs-renewal" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from needs-renewal" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from needs-renewal" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from needs-renewal" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from needs-renewal" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from needs-renewal" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from needs-renewal" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from needs-renewal" -l dates-only -d 'Check the dates and the key only, not whether another CA signs now'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from needs-renewal" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from needs-renewal" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from needs-renewal" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from needs-renewal" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from needs-renewal" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -l datastore -d 'The datastore that the node belongs to' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -l node -d 'The name of the node' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -l engine -d 'Its engine' -r -f -a "mysql\t'MySQL'
mariadb\t'MariaDB'
postgresql\t'PostgreSQL'
redis\t'Redis'
valkey\t'Valkey'
mssql\t'Microsoft SQL Server'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -l domain -d 'The domain of the datastores; the one that the CA is constrained to, where it is to one' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -l dns -d 'A further DNS name, such as that of the primary; repeatable' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -l ip -d 'An address, v4 or v6; repeatable' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -l replication -d 'Whether the node dials others with its certificate, which needs clientAuth in it' -r -f -a "true\t''
false\t''"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -l validity -d 'How long the certificate is valid, but never longer than the CA: 1y, 90d' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -l key-type -d 'The kind of key; ecdsa-p256 where missing' -r -f -a "ecdsa-p256\t'ECDSA on P-256 with SHA-256'
ecdsa-p384\t'ECDSA on P-384 with SHA-384'
ed25519\t'Ed25519 (RFC 8410); older database clients cannot verify it'
rsa-2048\t'RSA, 2048 bits, PKCS#1 v1.5 with SHA-256'
rsa-3072\t'RSA, 3072 bits, PKCS#1 v1.5 with SHA-256'
rsa-4096\t'RSA, 4096 bits, PKCS#1 v1.5 with SHA-256'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -l certificate -d 'Take this certificate, PEM, instead of issuing one' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -l key -d 'Its key, PEM, without a passphrase' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -l ca-file -d 'The CAs that clients trust, PEM, one of which signed it; without it, the bundle in the store' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -l dir -d 'The directory for ca.pem, server-cert.pem and server-key.pem; made where it is missing' -r -f -a "(__fish_complete_directories)"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -l config -d 'The file for the settings: see CONFIGURATION' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -l socket -d 'The Unix socket at which the administrator logs in; of PostgreSQL also its folder' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -l url -d 'The server\'s address; without --socket, the login is made there, with TLS unless it is of this machine' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -l user -d 'The administrator\'s account: root, postgres, or default where missing' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -l password-file -d 'The file whose first line is the administrator\'s password; - is standard input' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -l mode -d 'What is demanded of clients; certificates by MySQL and MariaDB account by account (snippet users)' -r -f -a "REQUIRED\t'Clients without TLS are turned away'
VERIFY_CA\t'Clients also need a certificate of the CA'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -l profile -d 'Which versions of TLS' -r -f -a "modern\t'TLS 1.3 alone'
intermediate\t'TLS 1.2 with forward secrecy and authenticated encryption, and TLS 1.3'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -l tls-port -d 'The port for TLS of redis and valkey; the one that it has, or else the one without TLS' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -l owner -d 'Who the files shall belong to, such as mysql:mysql' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -l key-mode -d 'Who may read the key: 0600, or 0640 for a key that root owns and the server\'s group reads' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -l restart-command -d 'A command for the shell that restarts the server; run only where it needs a restart' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -l trust-loopback -d 'Tell the password to whoever listens at a --url of this machine'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -l ignore-replicas -d 'Go on although connected replicas would be refused at their next connection'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -l force -d 'Take the place of files that ccx-sec did not make, or of another\'s certificate'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -l dry-run -d 'Show what would be done, and do nothing'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from install" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from list" -l dir -d 'The directory of a fleet, or of one node, instead of the store' -r -f -a "(__fish_complete_directories)"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from list" -l datastore -d 'Those of this datastore alone' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from list" -l node -d 'Those of nodes of this name alone' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from list" -l expires-within -d 'Those alone that end within this time; exit 1 when there are some' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from list" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from list" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from list" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from list" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from list" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from list" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from list" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from list" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from list" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from inspect" -l expires-within -d 'Fail when one of them expires within this time: 30d, 6mo' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from inspect" -l at -d 'Look at them as of this moment, not now: 2027-01-01T00:00:00Z' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from inspect" -l passphrase-file -d 'A file whose first line is the passphrase of a PKCS#12 file; asked for when missing' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from inspect" -l ca-file -d 'The trusted CAs; without it, the bundle in the store' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from inspect" -l host -d 'The name or address that it must be for; without it, that of the URL' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from inspect" -l mode -d 'Without it: VERIFY_IDENTITY where there is a name, else VERIFY_CA' -r -f -a "VERIFY_CA\t'A chain to a trusted CA'
VERIFY_IDENTITY\t'A chain to a trusted CA, and the name that was dialled'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from inspect" -l purpose -d 'What it is used for' -r -f -a "server\t'A server\'s certificate, looked at by its clients'
client\t'A client\'s certificate, looked at by its server'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from inspect" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from inspect" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from inspect" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from inspect" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from inspect" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from inspect" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from inspect" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from inspect" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from inspect" -l lint -d 'Hold each certificate against the profile and RFC 5280'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from inspect" -l verify -d 'Verify the first certificate, through the others, up to a trusted CA'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from inspect" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from inspect" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from inspect" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from inspect" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand cert; and __fish_seen_subcommand_from inspect" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and not __fish_seen_subcommand_from server users client" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and not __fish_seen_subcommand_from server users client" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and not __fish_seen_subcommand_from server users client" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and not __fish_seen_subcommand_from server users client" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and not __fish_seen_subcommand_from server users client" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and not __fish_seen_subcommand_from server users client" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and not __fish_seen_subcommand_from server users client" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and not __fish_seen_subcommand_from server users client" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and not __fish_seen_subcommand_from server users client" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and not __fish_seen_subcommand_from server users client" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and not __fish_seen_subcommand_from server users client" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and not __fish_seen_subcommand_from server users client" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and not __fish_seen_subcommand_from server users client" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and not __fish_seen_subcommand_from server users client" -f -a "server" -d 'Print the configuration that makes a server demand TLS'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and not __fish_seen_subcommand_from server users client" -f -a "users" -d 'Print what makes single accounts demand TLS'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and not __fish_seen_subcommand_from server users client" -f -a "client" -d 'Print what a client needs to connect'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from server" -l engine -d 'The engine' -r -f -a "mysql\t'MySQL'
mariadb\t'MariaDB'
postgresql\t'PostgreSQL'
redis\t'Redis'
valkey\t'Valkey'
mssql\t'Microsoft SQL Server'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from server" -l engine-version -d 'Its version, as the server says it: 8.4, 10.11, 17' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from server" -l mode -d 'What is demanded of clients' -r -f -a "REQUIRED\t'Clients without TLS are turned away'
VERIFY_CA\t'Clients also need a certificate of the CA'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from server" -l dir -d 'The directory of the TLS files on the server, from the root' -r -f -a "(__fish_complete_directories)"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from server" -l profile -d 'Which versions of TLS' -r -f -a "modern\t'TLS 1.3 alone'
intermediate\t'TLS 1.2 with forward secrecy and authenticated encryption, and TLS 1.3'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from server" -l tls-port -d 'The port for TLS, where it has one of its own: redis and valkey' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from server" -l exception -d 'Let accounts with this plugin come without TLS, and nobody else' -r -f -a "mysql_native_password\t'The plugin of old clients; gone in MySQL 9'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from server" -l out -d 'Write the files into this directory, made where it is missing, instead of stdout' -r -f -a "(__fish_complete_directories)"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from server" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from server" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from server" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from server" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from server" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from server" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from server" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from server" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from server" -l galera -d 'Also give the nodes of a Galera cluster TLS among themselves: mariadb'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from server" -l force -d 'Take the place of files of the same names'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from server" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from server" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from server" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from server" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from server" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from users" -l engine -d 'The engine' -r -f -a "mysql\t'MySQL'
mariadb\t'MariaDB'
postgresql\t'PostgreSQL'
redis\t'Redis'
valkey\t'Valkey'
mssql\t'Microsoft SQL Server'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from users" -l engine-version -d 'Its version, as the server says it: 8.4, 10.11, 17; a server that is named is asked' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from users" -l mode -d 'What is demanded: TLS, or a certificate of the CA too' -r -f -a "REQUIRED\t'Clients without TLS are turned away'
VERIFY_CA\t'Clients also need a certificate of the CA'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from users" -l account -d 'An account: app, \'app\'@\'10.0.0.%\', a role; repeatable' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from users" -l accounts -d 'A file of accounts, one a line; - is standard input' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from users" -l subject -d 'The subject that the client certificate must have: /O=Acme/CN=app (mysql, mariadb)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from users" -l out -d 'Write the files into this directory, made where it is missing, instead of stdout' -r -f -a "(__fish_complete_directories)"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from users" -l socket -d 'The Unix socket at which the administrator logs in; of PostgreSQL also its folder' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from users" -l url -d 'The server\'s address; without --socket, the login is made there, with TLS unless it is of this machine' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from users" -l user -d 'The administrator\'s account: root, postgres, or default where missing' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from users" -l password-file -d 'The file whose first line is the administrator\'s password; - is standard input' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from users" -l ca-file -d 'The CAs that the server at --url may be of, PEM; without it, the bundle in the store' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from users" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from users" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from users" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from users" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from users" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from users" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from users" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from users" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from users" -l force -d 'Take the place of files of the same names'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from users" -l trust-loopback -d 'Tell the password to whoever listens at a --url of this machine'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from users" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from users" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from users" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from users" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from users" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from client" -l engine -d 'The engine of the server' -r -f -a "mysql\t'MySQL'
mariadb\t'MariaDB'
postgresql\t'PostgreSQL'
redis\t'Redis'
valkey\t'Valkey'
mssql\t'Microsoft SQL Server'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from client" -l client -d 'The client: psql, redis-py, mysql-connector-j, …; --all shows which there are' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from client" -l mode -d 'What the client demands of the connection' -r -f -a "REQUIRED\t'TLS, whatever certificate the server shows'
VERIFY_CA\t'And the certificate is of the CA'
VERIFY_IDENTITY\t'And it is for the name that the client connects to'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from client" -l host -d 'The name or the address of the server' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from client" -l port -d 'Its port; the engine\'s own where missing' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from client" -l user -d 'The account; app where missing, and default for redis and valkey' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from client" -l database -d 'The database' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from client" -l ca-file -d 'The file of the CA certificates, where the client is' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from client" -l client-cert -d 'The file of a client certificate, for servers that demand one' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from client" -l client-key -d 'The file of its key' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from client" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from client" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from client" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from client" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from client" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from client" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from client" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from client" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from client" -l all -d 'Every client of the engine'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from client" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from client" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from client" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from client" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand snippet; and __fish_seen_subcommand_from client" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand verify" -l inventory -d 'The nodes of a fleet, as for cert issue; their field port counts here' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand verify" -l domain -d 'The domain of those nodes for which the inventory names none' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand verify" -l engine -d 'The engine of those nodes for which the inventory names none' -r -f -a "mysql\t'MySQL'
mariadb\t'MariaDB'
postgresql\t'PostgreSQL'
redis\t'Redis'
valkey\t'Valkey'
mssql\t'Microsoft SQL Server'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand verify" -l server-name -d 'The name under which clients know the servers, where they are dialled by another' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand verify" -l mode -d 'A mode that is wanted; repeatable. Without it: all four' -r -f -a "DISABLED\t'Clients without TLS are refused'
REQUIRED\t'Clients get TLS, whatever the certificate'
VERIFY_CA\t'And the certificate is of a trusted CA'
VERIFY_IDENTITY\t'And it is for the name that they connect to'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand verify" -l ca-file -d 'The CAs that clients trust, PEM; without it, the bundle in the store' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand verify" -l probe-user -d 'Whom to try to log in as; shows in audit logs' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand verify" -l client-cert -d 'The certificate to show to servers that ask for one, with its chain, PEM' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand verify" -l client-key -d 'Its key, PEM' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand verify" -l user -d 'An account that shall log in, with TLS and, for DISABLED, without; repeatable' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand verify" -l password-file -d 'The file whose first line is the password; one for all accounts, or one for each in the same order. Without it, it is asked for' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand verify" -l exception -d 'Accounts with this plugin may come without TLS' -r -f -a "mysql_native_password\t'The plugin of old clients; gone in MySQL 9'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand verify" -l min-tls -d 'The least that a server may take: one that takes less fails MIN_TLS' -r -f -a "1.2\t'TLS 1.2, and of its cipher suites only those with forward secrecy'
1.3\t'TLS 1.3'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand verify" -l as -d 'What real clients do with the servers: see AS; repeatable' -r -f -a "all\t''
mysql\t''
mariadb\t''
mysql-connector-j\t''
mariadb-connector-j\t''
mysql-connector-python\t''
odbc-mysql\t''
pymysql\t''
node-mysql2\t''
go-sql-driver\t''
mysqlconnector\t''
pdo-mysql\t''
ruby-mysql2\t''
sqlx-mysql\t''
mysql-async\t''
psql\t''
libpq\t''
pgjdbc\t''
psycopg\t''
node-pg\t''
pgx\t''
npgsql\t''
pdo-pgsql\t''
ruby-pg\t''
sqlx-postgres\t''
tokio-postgres\t''
psqlodbc\t''
redis-cli\t''
valkey-cli\t''
redis-py\t''
ioredis\t''
go-redis\t''
redis-rb\t''
redis-rs\t''
sqlcmd\t''
mssql-jdbc\t''
pyodbc\t''
tedious\t''
sqlclient\t''
odbc-mssql\t''"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand verify" -l jobs -d 'How many servers at a time' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand verify" -l deadline -d 'How long all servers together may take; what is not done then is unknown' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand verify" -l watch -d 'Look again and again, with this pause, and print what changes; until interrupted' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand verify" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand verify" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand verify" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand verify" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand verify" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand verify" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand verify" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand verify" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand verify" -l from-secrets -d 'The nodes that have Secrets in the store, by the first name of their certificates'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand verify" -l all-addresses -d 'Every address of a name, not only the first that answers'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand verify" -l direct -d 'TLS from the first byte: PostgreSQL 17 and later, SQL Server\'s strict mode (TDS 8.0)'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand verify" -l expect-client-cert-required -d 'Prove that clients without a certificate, and with one of another CA, are refused'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand verify" -l insecure-skip-name-check -d 'Log in although a server\'s certificate is for another name than the one dialled'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand verify" -l enumerate -d 'List the versions of TLS, cipher suites and key exchange groups that the server takes'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand verify" -l fail-fast -d 'Stop at the first server that does not pass'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand verify" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand verify" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand verify" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand verify" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and not __fish_seen_subcommand_from encrypt open close list status check rekey backup drill restore erase resume rollback manifest" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and not __fish_seen_subcommand_from encrypt open close list status check rekey backup drill restore erase resume rollback manifest" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and not __fish_seen_subcommand_from encrypt open close list status check rekey backup drill restore erase resume rollback manifest" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and not __fish_seen_subcommand_from encrypt open close list status check rekey backup drill restore erase resume rollback manifest" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and not __fish_seen_subcommand_from encrypt open close list status check rekey backup drill restore erase resume rollback manifest" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and not __fish_seen_subcommand_from encrypt open close list status check rekey backup drill restore erase resume rollback manifest" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and not __fish_seen_subcommand_from encrypt open close list status check rekey backup drill restore erase resume rollback manifest" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and not __fish_seen_subcommand_from encrypt open close list status check rekey backup drill restore erase resume rollback manifest" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and not __fish_seen_subcommand_from encrypt open close list status check rekey backup drill restore erase resume rollback manifest" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and not __fish_seen_subcommand_from encrypt open close list status check rekey backup drill restore erase resume rollback manifest" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and not __fish_seen_subcommand_from encrypt open close list status check rekey backup drill restore erase resume rollback manifest" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and not __fish_seen_subcommand_from encrypt open close list status check rekey backup drill restore erase resume rollback manifest" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and not __fish_seen_subcommand_from encrypt open close list status check rekey backup drill restore erase resume rollback manifest" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and not __fish_seen_subcommand_from encrypt open close list status check rekey backup drill restore erase resume rollback manifest" -f -a "encrypt" -d 'Make a device a LUKS2 volume: a blank one, or one whose contents stay or may go'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and not __fish_seen_subcommand_from encrypt open close list status check rekey backup drill restore erase resume rollback manifest" -f -a "open" -d 'Open a volume with its key, and mount it where that is wished'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and not __fish_seen_subcommand_from encrypt open close list status check rekey backup drill restore erase resume rollback manifest" -f -a "close" -d 'Close a volume, so that nothing on it can be read without the key'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and not __fish_seen_subcommand_from encrypt open close list status check rekey backup drill restore erase resume rollback manifest" -f -a "list" -d 'The volumes that the store knows, and how they are on this machine'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and not __fish_seen_subcommand_from encrypt open close list status check rekey backup drill restore erase resume rollback manifest" -f -a "status" -d 'What the LUKS header of a device says, and whether that is what it must say'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and not __fish_seen_subcommand_from encrypt open close list status check rekey backup drill restore erase resume rollback manifest" -f -a "check" -d 'Whether what is under a path lies on LUKS2, with the parameters that it must have'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and not __fish_seen_subcommand_from encrypt open close list status check rekey backup drill restore erase resume rollback manifest" -f -a "rekey" -d 'Give a volume a new key; or with --volume-key, encrypt what is on it anew'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and not __fish_seen_subcommand_from encrypt open close list status check rekey backup drill restore erase resume rollback manifest" -f -a "backup" -d 'Take a copy of the header of a volume, open it with the key, and keep it in the store'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and not __fish_seen_subcommand_from encrypt open close list status check rekey backup drill restore erase resume rollback manifest" -f -a "drill" -d 'Prove that the key and the copy of the header in the store open a volume; changes nothing'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and not __fish_seen_subcommand_from encrypt open close list status check rekey backup drill restore erase resume rollback manifest" -f -a "restore" -d 'Write the header of a volume that the store keeps over the one on its device'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and not __fish_seen_subcommand_from encrypt open close list status check rekey backup drill restore erase resume rollback manifest" -f -a "erase" -d 'Make a volume unreadable for ever: wipe its key slots, overwrite its header, delete its key'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and not __fish_seen_subcommand_from encrypt open close list status check rekey backup drill restore erase resume rollback manifest" -f -a "resume" -d 'Finish what was begun with a volume, and broken off'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and not __fish_seen_subcommand_from encrypt open close list status check rekey backup drill restore erase resume rollback manifest" -f -a "rollback" -d 'Undo what was begun with a volume, and broken off'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and not __fish_seen_subcommand_from encrypt open close list status check rekey backup drill restore erase resume rollback manifest" -f -a "manifest" -d 'Print a Secret with a new key and a StorageClass, for a CSI driver that encrypts with LUKS'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from encrypt" -l id -d 'What the volume is called: its Secret is ccx-volume-ID, its mapping /dev/mapper/ccx-ID' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from encrypt" -l mkfs -d 'Make a file system on it' -r -f -a "ext4\t''
xfs\t''"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from encrypt" -l mount -d 'Open it, and mount it there' -r -f -a "(__fish_complete_directories)"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from encrypt" -l label -d 'The label in its header' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from encrypt" -l service -d 'A service of systemd that keeps its data there, and starts only when it is mounted (repeatable)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from encrypt" -l confirm -d 'The serial number of the device whose contents go (NAME:SIZE where it has none)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from encrypt" -l device -d 'The device, where it is not the one that has the header of the volume' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from encrypt" -l passphrase-file -d 'A file with the passphrase in its first line, of a volume that has one; - is stdin' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from encrypt" -l journal -d 'The folder of the journals, which say what is pending on this machine' -r -f -a "(__fish_complete_directories)"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from encrypt" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from encrypt" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from encrypt" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from encrypt" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from encrypt" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from encrypt" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from encrypt" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from encrypt" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from encrypt" -l open -d 'Leave it open, where it is not mounted'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from encrypt" -l persist -d 'Have it opened and mounted at every boot: write a unit of systemd and a line of /etc/fstab'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from encrypt" -l in-place -d 'Encrypt the file system on the device with what is in it'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from encrypt" -l i-have-a-backup -d 'There is a backup of what is on the device, for --in-place'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from encrypt" -l overwrite -d 'Destroy what is on the device; asks to type its serial number'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from encrypt" -l passphrase -d 'Protect it with a passphrase that a person keeps, instead of a key in the store'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from encrypt" -l dry-run -d 'Look at everything, say what would be done, and change nothing'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from encrypt" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from encrypt" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from encrypt" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from encrypt" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from encrypt" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from open" -l mount -d 'Mount it too: there, or where it was when it was made' -r -f -a "(__fish_complete_directories)"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from open" -l device -d 'The device, where it is not the one that has the header of the volume' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from open" -l passphrase-file -d 'A file with the passphrase in its first line, of a volume that has one; - is stdin' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from open" -l journal -d 'The folder of the journals, which say what is pending on this machine' -r -f -a "(__fish_complete_directories)"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from open" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from open" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from open" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from open" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from open" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from open" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from open" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from open" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from open" -l read-only -d 'Let nothing be written to it'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from open" -l wait -d 'Try again every few seconds, for as long as the store or the device is away'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from open" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from open" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from open" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from open" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from open" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from close" -l journal -d 'The folder of the journals, which say what is pending on this machine' -r -f -a "(__fish_complete_directories)"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from close" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from close" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from close" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from close" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from close" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from close" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from close" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from close" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from close" -l unmount -d 'Unmount it first'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from close" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from close" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from close" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from close" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from close" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from list" -l node -d 'Those that were last on a node; this one is $(uname -n)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from list" -l journal -d 'The folder of the journals, which say what is pending on this machine' -r -f -a "(__fish_complete_directories)"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from list" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from list" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from list" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from list" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from list" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from list" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from list" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from list" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from list" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from status" -l device -d 'The device of the volume, where it is not the one that has its header' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from status" -l journal -d 'The folder of the journals, which say what is pending on this machine' -r -f -a "(__fish_complete_directories)"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from status" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from status" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from status" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from status" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from status" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from status" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from status" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from status" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from status" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from status" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from status" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from check" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from check" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from check" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from check" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from check" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from check" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from check" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from check" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from check" -l all -d 'Every file system that is mounted from a device, and all that is swapped to'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from check" -l data-dirs -d 'Where the engines that run on this machine keep their data'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from check" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from check" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from check" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from rekey" -l device -d 'The device, where it is not the one that has the header of the volume' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from rekey" -l passphrase-file -d 'A file with the passphrase in its first line, of a volume that has one; - is stdin' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from rekey" -l journal -d 'The folder of the journals, which say what is pending on this machine' -r -f -a "(__fish_complete_directories)"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from rekey" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from rekey" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from rekey" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from rekey" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from rekey" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from rekey" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from rekey" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from rekey" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from rekey" -l volume-key -d 'Encrypt all that is on it with a new volume key; the key that opens it stays'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from rekey" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from rekey" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from rekey" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from rekey" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from rekey" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from backup" -l out -d 'Write it into a file too, as cryptsetup luksHeaderRestore takes it' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from backup" -l device -d 'The device, where it is not the one that has the header of the volume' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from backup" -l passphrase-file -d 'A file with the passphrase in its first line, of a volume that has one; - is stdin' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from backup" -l journal -d 'The folder of the journals, which say what is pending on this machine' -r -f -a "(__fish_complete_directories)"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from backup" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from backup" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from backup" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from backup" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from backup" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from backup" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from backup" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from backup" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from backup" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from backup" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from backup" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from backup" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from backup" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from drill" -l device -d 'The device, where it is not the one that has the header of the volume' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from drill" -l passphrase-file -d 'A file with the passphrase in its first line, of a volume that has one; - is stdin' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from drill" -l journal -d 'The folder of the journals, which say what is pending on this machine' -r -f -a "(__fish_complete_directories)"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from drill" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from drill" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from drill" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from drill" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from drill" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from drill" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from drill" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from drill" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from drill" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from drill" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from drill" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from drill" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from drill" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from restore" -l confirm -d 'The serial number of the device whose header is overwritten (NAME:SIZE where it has none)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from restore" -l device -d 'The device, where it is not the one that has the header of the volume' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from restore" -l passphrase-file -d 'A file with the passphrase in its first line, of a volume that has one; - is stdin' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from restore" -l journal -d 'The folder of the journals, which say what is pending on this machine' -r -f -a "(__fish_complete_directories)"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from restore" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from restore" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from restore" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from restore" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from restore" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from restore" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from restore" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from restore" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from restore" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from restore" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from restore" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from restore" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from restore" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from erase" -l confirm -d 'The serial number of its device (NAME:SIZE where it has none)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from erase" -l receipt -d 'Write the receipt into a file too' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from erase" -l device -d 'The device, where it is not the one that has the header of the volume' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from erase" -l passphrase-file -d 'A file with the passphrase in its first line, of a volume that has one; - is stdin' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from erase" -l journal -d 'The folder of the journals, which say what is pending on this machine' -r -f -a "(__fish_complete_directories)"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from erase" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from erase" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from erase" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from erase" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from erase" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from erase" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from erase" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from erase" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from erase" -l keep-secret -d 'Keep its Secret: key and copy of the header, which together bring the volume back'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from erase" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from erase" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from erase" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from erase" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from erase" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from resume" -l confirm -d 'The serial number of the device, where what is on it goes (NAME:SIZE where it has none)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from resume" -l device -d 'The device, where it is not the one that has the header of the volume' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from resume" -l passphrase-file -d 'A file with the passphrase in its first line, of a volume that has one; - is stdin' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from resume" -l journal -d 'The folder of the journals, which say what is pending on this machine' -r -f -a "(__fish_complete_directories)"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from resume" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from resume" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from resume" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from resume" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from resume" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from resume" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from resume" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from resume" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from resume" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from resume" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from resume" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from resume" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from resume" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from rollback" -l confirm -d 'The serial number of the device, where a volume that is complete goes (NAME:SIZE where it has none)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from rollback" -l device -d 'The device, where it is not the one that has the header of the volume' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from rollback" -l passphrase-file -d 'A file with the passphrase in its first line, of a volume that has one; - is stdin' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from rollback" -l journal -d 'The folder of the journals, which say what is pending on this machine' -r -f -a "(__fish_complete_directories)"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from rollback" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from rollback" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from rollback" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from rollback" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from rollback" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from rollback" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from rollback" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from rollback" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from rollback" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from rollback" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from rollback" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from rollback" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from rollback" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from manifest" -l name -d 'The name of the StorageClass; that of the Secret is NAME-key' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from manifest" -l parameter -d 'The parameters of a driver of this cluster, such as clusterID=… and pool=… of Ceph' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from manifest" -l out -d 'Write it into a file, for its owner alone, instead of to standard output' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from manifest" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from manifest" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from manifest" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from manifest" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from manifest" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from manifest" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from manifest" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from manifest" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from manifest" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from manifest" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from manifest" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from manifest" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand volume; and __fish_seen_subcommand_from manifest" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand serve" -l listen -d 'Where to listen; may be given several times' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand serve" -l tls-cert -d 'The certificate of this server, with the chain behind it, PEM' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand serve" -l tls-key -d 'Its key, PEM' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand serve" -l tls-self -d 'Show a certificate of the CA that is served, for this name or address; may be given several times' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand serve" -l auth -d 'Show the datastores only to those with a bearer token' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand serve" -l wait -d 'Wait so long for a store that cannot be reached' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand serve" -l access-log -d 'The access log, on stderr; health checks are not in it' -r -f -a "text\t'A line of text a request'
json\t'A JSON document a line'
off\t'None'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand serve" -l max-connections -d 'So many connections at once; more wait until one is free' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand serve" -l client-timeout -d 'Give up on a client that takes longer for a request, or to take an answer' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand serve" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand serve" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand serve" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand serve" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand serve" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand serve" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand serve" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand serve" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand serve" -l insecure-http -d 'Speak plain HTTP to other machines too: a proxy in front of it speaks TLS'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand serve" -l wait-for-ca -d 'Start without a CA, and answer 503 until there is one that can be relied on'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand serve" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand serve" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand serve" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand serve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand serve" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand install" -l only -d 'Print these parts alone; without it all, but renew and verify only with --inventory' -r -f -a "check\t'The CronJob that checks that the CA is there, sound, and not about to expire'
issuer\t'The account that issues and renews certificates'
server\t'The service that hands the CA out'
volume\t'The account of volumes'
renew\t'The CronJob that issues missing certificates of the nodes and renews due ones, with the issuer\'s account'
verify\t'The CronJob that dials the servers'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand install" -l image -d 'The image, with ccx-sec as its entry point; best with its digest' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand install" -l name -d 'The name of the installation, with which all names begin' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand install" -l replicas -d 'How many pods serve' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand install" -l kubernetes -d 'The oldest Kubernetes that shall take it' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand install" -l inventory -d 'The nodes, for the jobs renew and verify; the issuer may then go to their Secrets alone' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand install" -l mode -d 'A mode that the job verify wants, as for verify; repeatable. Without it: all' -r -f -a "DISABLED\t'Clients without TLS are refused'
REQUIRED\t'Clients get TLS, whatever the certificate'
VERIFY_CA\t'And the certificate is of a trusted CA'
VERIFY_IDENTITY\t'And it is for the name that they connect to'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand install" -l volume -d 'A volume that the account for volumes may go to, and to no other Secret; repeatable' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand install" -l tls-secret -d 'The Secret with the service\'s certificate and key (kubernetes.io/tls); NAME-tls without it' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand install" -l host -d 'A name under which clients reach the service, for --cert-manager; repeatable' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand install" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand install" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand install" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand install" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand install" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand install" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand install" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand install" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand install" -l insecure-http -d 'The service speaks plain HTTP: a proxy in front of it speaks TLS'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand install" -l cert-manager -d 'Add an Issuer of cert-manager with this CA, and a Certificate of it for the service'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand install" -l trust-manager -d 'Add a Bundle of trust-manager, which takes the bundle to every namespace'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand install" -l service-monitor -d 'Add a ServiceMonitor of the Prometheus operator'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand install" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand install" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand install" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand install" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand install" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand doctor" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand doctor" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand doctor" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand doctor" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand doctor" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand doctor" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand doctor" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
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
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand completion" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand completion" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
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
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand man" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand man" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand man" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand man" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand man" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand man" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand man" -s V -l version -d 'Print version'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand x509-limbo" -l store -d 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand x509-limbo" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand x509-limbo" -l context -d 'The kubeconfig context' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand x509-limbo" -s n -l namespace -d 'The Kubernetes namespace' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand x509-limbo" -l ca -d 'The name of the CA: its Secret is NAME, its bundle NAME-bundle' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand x509-limbo" -l timeout -d 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)' -r
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand x509-limbo" -s o -l output -d 'The form of data on stdout, and of errors on stderr' -r -f -a "text\t'For people'
wide\t'As text, with more columns where a command has some'
json\t'One JSON document'
yaml\t'One YAML document'
junit\t'JUnit\'s XML, for CI (commands that check)'
sarif\t'SARIF 2.1.0, for code scanning (commands that check)'
prometheus\t'The text format of Prometheus (commands that check)'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand x509-limbo" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand x509-limbo" -s q -l quiet -d 'No notes, and no text about what went as it should'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand x509-limbo" -s v -l verbose -d 'Say what is done'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand x509-limbo" -l no-input -d 'Never ask; a missing answer is a usage error'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand x509-limbo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccx-sec -n "__fish_ccx_sec_using_subcommand x509-limbo" -s V -l version -d 'Print version'
