
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'ccx-sec' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'ccx-sec'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'ccx-sec' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('ca', 'ca', [CompletionResultType]::ParameterValue, 'The certificate authority: make it, show it, check it, hand it out')
            [CompletionResult]::new('cert', 'cert', [CompletionResultType]::ParameterValue, 'The certificates of nodes and clients: issue, renew, list, and look at them')
            [CompletionResult]::new('snippet', 'snippet', [CompletionResultType]::ParameterValue, 'TLS settings of servers, accounts and clients, as text to copy')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Dial database servers as clients do, and say for each mode what happens, and why')
            [CompletionResult]::new('volume', 'volume', [CompletionResultType]::ParameterValue, 'Encrypt, open, check and erase volumes')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Serve the CA to those who must trust it: an API and a page to download it')
            [CompletionResult]::new('manifests', 'manifests', [CompletionResultType]::ParameterValue, 'Print what runs ccx-sec in a cluster, for kubectl apply')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Look at this machine and the cluster, and say what is missing')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Show the defaults of options, from files and variables')
            [CompletionResult]::new('completion', 'completion', [CompletionResultType]::ParameterValue, 'Print the completions for a shell')
            [CompletionResult]::new('version', 'version', [CompletionResultType]::ParameterValue, 'Print the version, and the commit that it was built from')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ccx-sec;ca' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Make a self-signed CA and store it; refuses where there is one')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the CA''s certificate, where it is stored, and the members of its bundle')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check that the CA is there, sound and not about to expire')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write the CA certificates, for clients to trust')
            [CompletionResult]::new('fetch', 'fetch', [CompletionResultType]::ParameterValue, 'Get the CA certificates from a service, and check that they are the right ones')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Store a CA certificate and key that were made elsewhere; refuses where there is one')
            [CompletionResult]::new('renew', 'renew', [CompletionResultType]::ParameterValue, 'Renew the CA certificate, with the same name and key')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ccx-sec;ca;init' {
            [CompletionResult]::new('--common-name', '--common-name', [CompletionResultType]::ParameterName, 'Common name of the CA')
            [CompletionResult]::new('--organization', '--organization', [CompletionResultType]::ParameterName, 'Organization of the CA; none without it')
            [CompletionResult]::new('--key-type', '--key-type', [CompletionResultType]::ParameterName, 'The kind of key')
            [CompletionResult]::new('--validity', '--validity', [CompletionResultType]::ParameterName, 'How long the CA is valid: 10y, 90d, 1y6mo')
            [CompletionResult]::new('--permit-dns', '--permit-dns', [CompletionResultType]::ParameterName, 'A DNS domain that the CA may sign for, with all below it; repeatable')
            [CompletionResult]::new('--permit-ip', '--permit-ip', [CompletionResultType]::ParameterName, 'A range of addresses that the CA may sign for, v4 or v6; repeatable')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be done, and do nothing; client or server, as for kubectl, and server without a value')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--if-not-exists', '--if-not-exists', [CompletionResultType]::ParameterName, 'Where there is a CA already, show it and exit 0')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;ca;show' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;ca;check' {
            [CompletionResult]::new('--expires-within', '--expires-within', [CompletionResultType]::ParameterName, 'Fail also when the CA expires within this time: 30d, 6mo')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Fail on warnings too')
            [CompletionResult]::new('--no-repair', '--no-repair', [CompletionResultType]::ParameterName, 'Only look; write nothing')
            [CompletionResult]::new('--accept-new-ca', '--accept-new-ca', [CompletionResultType]::ParameterName, 'Accept a CA that was replaced: add it to the bundle as active, the old one as retiring')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;ca;export' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'The format')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'The file to write; standard output when missing, or -')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'A file whose first line is the passphrase; asked for when missing')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace the file')
            [CompletionResult]::new('--with-key', '--with-key', [CompletionResultType]::ParameterName, 'Include the CA''s private key, after a typed confirmation')
            [CompletionResult]::new('--yes-export-private-key', '--yes-export-private-key', [CompletionResultType]::ParameterName, 'Confirm --with-key without being asked')
            [CompletionResult]::new('--no-passphrase', '--no-passphrase', [CompletionResultType]::ParameterName, 'Write the private key in the clear')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;ca;fetch' {
            [CompletionResult]::new('--sha256', '--sha256', [CompletionResultType]::ParameterName, 'The SHA-256 fingerprint of a certificate; several where there are several, as during a rotation')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'The file to write; standard output when missing')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace the file')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;ca;import' {
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'The CA certificate, PEM or DER; - is standard input')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Its private key, PEM or DER; - is standard input. Without it, the key is in --cert')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'A file whose first line is the passphrase of the key; asked for when missing')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be done, and do nothing; client or server, as for kubectl, and server without a value')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;ca;renew' {
            [CompletionResult]::new('--validity', '--validity', [CompletionResultType]::ParameterName, 'Life of the renewed certificate: 10y, 90d, 1y6mo')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'File with the renewed certificate, for a CA that was made elsewhere')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be done, and do nothing; client or server, as for kubectl, and server without a value')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;ca;help' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Make a self-signed CA and store it; refuses where there is one')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the CA''s certificate, where it is stored, and the members of its bundle')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check that the CA is there, sound and not about to expire')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write the CA certificates, for clients to trust')
            [CompletionResult]::new('fetch', 'fetch', [CompletionResultType]::ParameterValue, 'Get the CA certificates from a service, and check that they are the right ones')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Store a CA certificate and key that were made elsewhere; refuses where there is one')
            [CompletionResult]::new('renew', 'renew', [CompletionResultType]::ParameterValue, 'Renew the CA certificate, with the same name and key')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ccx-sec;ca;help;init' {
            break
        }
        'ccx-sec;ca;help;show' {
            break
        }
        'ccx-sec;ca;help;check' {
            break
        }
        'ccx-sec;ca;help;export' {
            break
        }
        'ccx-sec;ca;help;fetch' {
            break
        }
        'ccx-sec;ca;help;import' {
            break
        }
        'ccx-sec;ca;help;renew' {
            break
        }
        'ccx-sec;ca;help;help' {
            break
        }
        'ccx-sec;cert' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('issue', 'issue', [CompletionResultType]::ParameterValue, 'Issue a certificate for a node, a client, or every node of a fleet')
            [CompletionResult]::new('sign', 'sign', [CompletionResultType]::ParameterValue, 'Sign a certificate request (PKCS#10): the private key never leaves the node')
            [CompletionResult]::new('renew', 'renew', [CompletionResultType]::ParameterValue, 'Renew certificates that are due; those that are not stay as they are')
            [CompletionResult]::new('needs-renewal', 'needs-renewal', [CompletionResultType]::ParameterValue, 'Say whether cert renew would renew a certificate')
            [CompletionResult]::new('install', 'install', [CompletionResultType]::ParameterValue, 'Give a running server a certificate, switch TLS on, and prove that it serves it')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the certificates that have been issued, by datastore and node')
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Show every certificate of a file, a server or a Secret, and what is wrong with each')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ccx-sec;cert;issue' {
            [CompletionResult]::new('--datastore', '--datastore', [CompletionResultType]::ParameterName, 'The datastore that the node belongs to')
            [CompletionResult]::new('--node', '--node', [CompletionResultType]::ParameterName, 'The name of the node')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Its engine')
            [CompletionResult]::new('--domain', '--domain', [CompletionResultType]::ParameterName, 'The domain of the datastores; the one that the CA is constrained to, where it is to one')
            [CompletionResult]::new('--dns', '--dns', [CompletionResultType]::ParameterName, 'A further DNS name, such as that of the primary; repeatable')
            [CompletionResult]::new('--ip', '--ip', [CompletionResultType]::ParameterName, 'An address, v4 or v6; repeatable')
            [CompletionResult]::new('--replication', '--replication', [CompletionResultType]::ParameterName, 'Whether the node dials others with its certificate, which needs clientAuth in it')
            [CompletionResult]::new('--validity', '--validity', [CompletionResultType]::ParameterName, 'How long the certificate is valid, but never longer than the CA: 1y, 90d')
            [CompletionResult]::new('--key-type', '--key-type', [CompletionResultType]::ParameterName, 'The kind of key; ecdsa-p256, and rsa-2048 for mssql, where missing')
            [CompletionResult]::new('--common-name', '--common-name', [CompletionResultType]::ParameterName, 'The common name of a client: for most engines the name of the user')
            [CompletionResult]::new('--inventory', '--inventory', [CompletionResultType]::ParameterName, 'The nodes of a fleet, as YAML, JSON or CSV; - is standard input, and not CSV')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'The directory for the files; made where it is missing')
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Owner of the files, such as mysql:mysql')
            [CompletionResult]::new('--key-mode', '--key-mode', [CompletionResultType]::ParameterName, 'Mode of the key: 0600, or 0640 for a key that root owns and the server''s group reads')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'How many nodes at a time; the number of processors, and 16 with a cluster, where missing')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be done, and do nothing; client or server, as for kubectl, and server without a value')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--client', '--client', [CompletionResultType]::ParameterName, 'Issue for a client instead, with --common-name')
            [CompletionResult]::new('--secret', '--secret', [CompletionResultType]::ParameterName, 'Keep it in the store, as the Secret ccx-node-DATASTORE-NODE')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Take the place of files that ccx-sec did not make, or of another''s certificate')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;cert;sign' {
            [CompletionResult]::new('--csr', '--csr', [CompletionResultType]::ParameterName, 'The request, PEM or DER; - is standard input')
            [CompletionResult]::new('--datastore', '--datastore', [CompletionResultType]::ParameterName, 'The datastore that the node belongs to')
            [CompletionResult]::new('--node', '--node', [CompletionResultType]::ParameterName, 'The name of the node')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Its engine')
            [CompletionResult]::new('--domain', '--domain', [CompletionResultType]::ParameterName, 'The domain of the datastores; the one that the CA is constrained to, where it is to one')
            [CompletionResult]::new('--dns', '--dns', [CompletionResultType]::ParameterName, 'A further DNS name, such as that of the primary; repeatable')
            [CompletionResult]::new('--ip', '--ip', [CompletionResultType]::ParameterName, 'An address, v4 or v6; repeatable')
            [CompletionResult]::new('--replication', '--replication', [CompletionResultType]::ParameterName, 'Whether the node dials others with its certificate, which needs clientAuth in it')
            [CompletionResult]::new('--validity', '--validity', [CompletionResultType]::ParameterName, 'How long the certificate is valid, but never longer than the CA: 1y, 90d')
            [CompletionResult]::new('--allow-dns', '--allow-dns', [CompletionResultType]::ParameterName, 'Names that it may ask for: a name, *.example.com for one label below it, or **.example.com for all; repeatable')
            [CompletionResult]::new('--allow-ip', '--allow-ip', [CompletionResultType]::ParameterName, 'Addresses that it may ask for; repeatable')
            [CompletionResult]::new('--common-name', '--common-name', [CompletionResultType]::ParameterName, 'The common name of a client')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'The file for the certificate, PEM; standard output when missing')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--client', '--client', [CompletionResultType]::ParameterName, 'Sign for a client instead, with --common-name')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace the file')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;cert;renew' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'A directory with a certificate and its key, as cert issue --out writes it')
            [CompletionResult]::new('--secret', '--secret', [CompletionResultType]::ParameterName, 'The Secret NAME of the store; with --inventory, without a name, those of its nodes')
            [CompletionResult]::new('--inventory', '--inventory', [CompletionResultType]::ParameterName, 'The nodes of a fleet, as for cert issue')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'With --inventory, the directory of the fleet')
            [CompletionResult]::new('--before', '--before', [CompletionResultType]::ParameterName, 'Due is what ends within this time: 30d; else what has a third of its life left')
            [CompletionResult]::new('--validity', '--validity', [CompletionResultType]::ParameterName, 'How long the new certificate is valid, but never longer than the CA; as long as the old one was where missing')
            [CompletionResult]::new('--exec', '--exec', [CompletionResultType]::ParameterName, 'A command for the shell, run when the files have changed')
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Owner of the files, such as mysql:mysql')
            [CompletionResult]::new('--key-mode', '--key-mode', [CompletionResultType]::ParameterName, 'Mode of the key: 0600, or 0640 for a key that root owns and the server''s group reads')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'How many nodes at a time; the number of processors, and 16 with a cluster, where missing')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be done, and do nothing; client or server, as for kubectl, and server without a value')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Renew also what is not due')
            [CompletionResult]::new('--reuse-key', '--reuse-key', [CompletionResultType]::ParameterName, 'Keep the key')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;cert;needs-renewal' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'A directory with a certificate and its key, as cert issue --out writes it')
            [CompletionResult]::new('--secret', '--secret', [CompletionResultType]::ParameterName, 'The Secret NAME of the store; with --inventory, without a name, those of its nodes')
            [CompletionResult]::new('--inventory', '--inventory', [CompletionResultType]::ParameterName, 'The nodes of a fleet, as for cert issue')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'With --inventory, the directory of the fleet')
            [CompletionResult]::new('--before', '--before', [CompletionResultType]::ParameterName, 'Due is what ends within this time: 30d; else what has a third of its life left')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--dates-only', '--dates-only', [CompletionResultType]::ParameterName, 'Check the dates and the key only, not whether another CA signs now')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;cert;install' {
            [CompletionResult]::new('--datastore', '--datastore', [CompletionResultType]::ParameterName, 'The datastore that the node belongs to')
            [CompletionResult]::new('--node', '--node', [CompletionResultType]::ParameterName, 'The name of the node')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Its engine')
            [CompletionResult]::new('--domain', '--domain', [CompletionResultType]::ParameterName, 'The domain of the datastores; the one that the CA is constrained to, where it is to one')
            [CompletionResult]::new('--dns', '--dns', [CompletionResultType]::ParameterName, 'A further DNS name, such as that of the primary; repeatable')
            [CompletionResult]::new('--ip', '--ip', [CompletionResultType]::ParameterName, 'An address, v4 or v6; repeatable')
            [CompletionResult]::new('--replication', '--replication', [CompletionResultType]::ParameterName, 'Whether the node dials others with its certificate, which needs clientAuth in it')
            [CompletionResult]::new('--validity', '--validity', [CompletionResultType]::ParameterName, 'How long the certificate is valid, but never longer than the CA: 1y, 90d')
            [CompletionResult]::new('--key-type', '--key-type', [CompletionResultType]::ParameterName, 'The kind of key; ecdsa-p256 where missing')
            [CompletionResult]::new('--certificate', '--certificate', [CompletionResultType]::ParameterName, 'Take this certificate, PEM, instead of issuing one')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Its key, PEM, without a passphrase')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'The CAs that clients trust, PEM, one of which signed it; without it, the bundle in the store')
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'The directory for ca.pem, server-cert.pem and server-key.pem; made where it is missing')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The file for the settings: see CONFIGURATION')
            [CompletionResult]::new('--socket', '--socket', [CompletionResultType]::ParameterName, 'The Unix socket at which the administrator logs in; of PostgreSQL also its folder')
            [CompletionResult]::new('--url', '--url', [CompletionResultType]::ParameterName, 'The server''s address; without --socket, the login is made there, with TLS unless it is of this machine')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'The administrator''s account: root, postgres, or default where missing')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'The file whose first line is the administrator''s password; - is standard input')
            [CompletionResult]::new('--mode', '--mode', [CompletionResultType]::ParameterName, 'Requirement on clients; MySQL and MariaDB demand certificates account by account (snippet users)')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which versions of TLS')
            [CompletionResult]::new('--tls-port', '--tls-port', [CompletionResultType]::ParameterName, 'The port for TLS of redis and valkey; the one that it has, or else the one without TLS')
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Owner of the files, such as mysql:mysql')
            [CompletionResult]::new('--key-mode', '--key-mode', [CompletionResultType]::ParameterName, 'Mode of the key: 0600, or 0640 for a key that root owns and the server''s group reads')
            [CompletionResult]::new('--restart-command', '--restart-command', [CompletionResultType]::ParameterName, 'A command for the shell that restarts the server; run only where it needs a restart')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be done, and do nothing; client or server, as for kubectl, and server without a value')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--trust-loopback', '--trust-loopback', [CompletionResultType]::ParameterName, 'Tell the password to whoever listens at a --url of this machine')
            [CompletionResult]::new('--ignore-replicas', '--ignore-replicas', [CompletionResultType]::ParameterName, 'Go on although connected replicas would be refused at their next connection')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Take the place of files that ccx-sec did not make, or of another''s certificate')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;cert;list' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'The directory of a fleet, or of one node, instead of the store')
            [CompletionResult]::new('--datastore', '--datastore', [CompletionResultType]::ParameterName, 'Those of this datastore alone')
            [CompletionResult]::new('--node', '--node', [CompletionResultType]::ParameterName, 'Those of nodes of this name alone')
            [CompletionResult]::new('--expires-within', '--expires-within', [CompletionResultType]::ParameterName, 'Those alone that end within this time; exit 1 when there are some')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;cert;inspect' {
            [CompletionResult]::new('--expires-within', '--expires-within', [CompletionResultType]::ParameterName, 'Fail when one of them expires within this time: 30d, 6mo')
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'Look at them as of this moment, not now: 2027-01-01T00:00:00Z')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'A file whose first line is the passphrase of a PKCS#12 file; asked for when missing')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'The trusted CAs; without it, the bundle in the store')
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'The name or address that it must be for; without it, that of the URL')
            [CompletionResult]::new('--mode', '--mode', [CompletionResultType]::ParameterName, 'Without it: VERIFY_IDENTITY where there is a name, else VERIFY_CA')
            [CompletionResult]::new('--purpose', '--purpose', [CompletionResultType]::ParameterName, 'Intended use of the certificate')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--lint', '--lint', [CompletionResultType]::ParameterName, 'Hold each certificate against the profile and RFC 5280')
            [CompletionResult]::new('--verify', '--verify', [CompletionResultType]::ParameterName, 'Verify the first certificate, through the others, up to a trusted CA')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;cert;help' {
            [CompletionResult]::new('issue', 'issue', [CompletionResultType]::ParameterValue, 'Issue a certificate for a node, a client, or every node of a fleet')
            [CompletionResult]::new('sign', 'sign', [CompletionResultType]::ParameterValue, 'Sign a certificate request (PKCS#10): the private key never leaves the node')
            [CompletionResult]::new('renew', 'renew', [CompletionResultType]::ParameterValue, 'Renew certificates that are due; those that are not stay as they are')
            [CompletionResult]::new('needs-renewal', 'needs-renewal', [CompletionResultType]::ParameterValue, 'Say whether cert renew would renew a certificate')
            [CompletionResult]::new('install', 'install', [CompletionResultType]::ParameterValue, 'Give a running server a certificate, switch TLS on, and prove that it serves it')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the certificates that have been issued, by datastore and node')
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Show every certificate of a file, a server or a Secret, and what is wrong with each')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ccx-sec;cert;help;issue' {
            break
        }
        'ccx-sec;cert;help;sign' {
            break
        }
        'ccx-sec;cert;help;renew' {
            break
        }
        'ccx-sec;cert;help;needs-renewal' {
            break
        }
        'ccx-sec;cert;help;install' {
            break
        }
        'ccx-sec;cert;help;list' {
            break
        }
        'ccx-sec;cert;help;inspect' {
            break
        }
        'ccx-sec;cert;help;help' {
            break
        }
        'ccx-sec;snippet' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('server', 'server', [CompletionResultType]::ParameterValue, 'Print the configuration that makes a server demand TLS')
            [CompletionResult]::new('users', 'users', [CompletionResultType]::ParameterValue, 'Print what makes single accounts demand TLS')
            [CompletionResult]::new('client', 'client', [CompletionResultType]::ParameterValue, 'Print what a client needs to connect')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ccx-sec;snippet;server' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The engine')
            [CompletionResult]::new('--engine-version', '--engine-version', [CompletionResultType]::ParameterName, 'Its version, as the server says it: 8.4, 10.11, 17')
            [CompletionResult]::new('--mode', '--mode', [CompletionResultType]::ParameterName, 'Requirement on clients')
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'The directory of the TLS files on the server, from the root')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which versions of TLS')
            [CompletionResult]::new('--tls-port', '--tls-port', [CompletionResultType]::ParameterName, 'The port for TLS, where it has one of its own: redis and valkey')
            [CompletionResult]::new('--exception', '--exception', [CompletionResultType]::ParameterName, 'Let accounts with this plugin come without TLS, and nobody else')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Write the files into this directory, made where it is missing, instead of stdout')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--galera', '--galera', [CompletionResultType]::ParameterName, 'Also give the nodes of a Galera cluster TLS among themselves: mariadb')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Take the place of files of the same names')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;snippet;users' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The engine')
            [CompletionResult]::new('--engine-version', '--engine-version', [CompletionResultType]::ParameterName, 'Its version, as the server says it: 8.4, 10.11, 17; a server that is named is asked')
            [CompletionResult]::new('--mode', '--mode', [CompletionResultType]::ParameterName, 'Requirement on accounts: TLS, or a certificate of the CA as well')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'An account: app, ''app''@''10.0.0.%'', a role; repeatable')
            [CompletionResult]::new('--accounts', '--accounts', [CompletionResultType]::ParameterName, 'A file of accounts, one a line; - is standard input')
            [CompletionResult]::new('--subject', '--subject', [CompletionResultType]::ParameterName, 'The subject that the client certificate must have: /O=Acme/CN=app (mysql, mariadb)')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Write the files into this directory, made where it is missing, instead of stdout')
            [CompletionResult]::new('--socket', '--socket', [CompletionResultType]::ParameterName, 'The Unix socket at which the administrator logs in; of PostgreSQL also its folder')
            [CompletionResult]::new('--url', '--url', [CompletionResultType]::ParameterName, 'The server''s address; without --socket, the login is made there, with TLS unless it is of this machine')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'The administrator''s account: root, postgres, or default where missing')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'The file whose first line is the administrator''s password; - is standard input')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'The CAs that the server at --url may be of, PEM; without it, the bundle in the store')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Take the place of files of the same names')
            [CompletionResult]::new('--trust-loopback', '--trust-loopback', [CompletionResultType]::ParameterName, 'Tell the password to whoever listens at a --url of this machine')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;snippet;client' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The engine of the server')
            [CompletionResult]::new('--client', '--client', [CompletionResultType]::ParameterName, 'The client: psql, redis-py, mysql-connector-j, …; --all shows which there are')
            [CompletionResult]::new('--mode', '--mode', [CompletionResultType]::ParameterName, 'TLS mode of the client')
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'The name or the address of the server')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'Its port; the engine''s own where missing')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'The account; app where missing, and default for redis and valkey')
            [CompletionResult]::new('--database', '--database', [CompletionResultType]::ParameterName, 'The database')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'The file of the CA certificates, where the client is')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'The file of a client certificate, for servers that demand one')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'The file of its key')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Every client of the engine')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;snippet;help' {
            [CompletionResult]::new('server', 'server', [CompletionResultType]::ParameterValue, 'Print the configuration that makes a server demand TLS')
            [CompletionResult]::new('users', 'users', [CompletionResultType]::ParameterValue, 'Print what makes single accounts demand TLS')
            [CompletionResult]::new('client', 'client', [CompletionResultType]::ParameterValue, 'Print what a client needs to connect')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ccx-sec;snippet;help;server' {
            break
        }
        'ccx-sec;snippet;help;users' {
            break
        }
        'ccx-sec;snippet;help;client' {
            break
        }
        'ccx-sec;snippet;help;help' {
            break
        }
        'ccx-sec;verify' {
            [CompletionResult]::new('--inventory', '--inventory', [CompletionResultType]::ParameterName, 'The nodes of a fleet, as for cert issue; their field port counts here')
            [CompletionResult]::new('--domain', '--domain', [CompletionResultType]::ParameterName, 'The domain of those nodes for which the inventory names none')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The engine of those nodes for which the inventory names none')
            [CompletionResult]::new('--server-name', '--server-name', [CompletionResultType]::ParameterName, 'The name under which clients know the servers, where they are dialled by another')
            [CompletionResult]::new('--mode', '--mode', [CompletionResultType]::ParameterName, 'A mode that is wanted; repeatable. Without it: all four')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'The CAs that clients trust, PEM; without it, the bundle in the store')
            [CompletionResult]::new('--probe-user', '--probe-user', [CompletionResultType]::ParameterName, 'User name of the probe''s login attempt; appears in audit logs')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'The certificate to show to servers that ask for one, with its chain, PEM')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'Its key, PEM')
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'The server''s directory of credentials: is its certificate the one that is served?')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Account to log in as, with TLS and, for PLAINTEXT, without; repeatable')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'The file whose first line is the password; one for all accounts, or one for each in the same order. Without it, it is asked for')
            [CompletionResult]::new('--exception', '--exception', [CompletionResultType]::ParameterName, 'Accounts with this plugin may come without TLS')
            [CompletionResult]::new('--min-tls', '--min-tls', [CompletionResultType]::ParameterName, 'The least that a server may take: one that takes less fails MIN_TLS')
            [CompletionResult]::new('--simulate', '--simulate', [CompletionResultType]::ParameterName, 'Show how real clients would fare with the servers: see AS; repeatable')
            [CompletionResult]::new('--attempts', '--attempts', [CompletionResultType]::ParameterName, 'Number of clients without TLS to try, each way, before PLAINTEXT passes')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'How many servers at a time')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'How long all servers together may take; what is not done then is unknown')
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'Look again and again, with this pause, and print what changes; until interrupted')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--from-secrets', '--from-secrets', [CompletionResultType]::ParameterName, 'The nodes that have Secrets in the store, each by its name NODE.DATASTORE.DOMAIN')
            [CompletionResult]::new('--all-addresses', '--all-addresses', [CompletionResultType]::ParameterName, 'Every address of a name, not only the first that answers')
            [CompletionResult]::new('--direct', '--direct', [CompletionResultType]::ParameterName, 'TLS from the first byte: PostgreSQL 17 and later, SQL Server''s strict mode (TDS 8.0)')
            [CompletionResult]::new('--expect-client-cert-required', '--expect-client-cert-required', [CompletionResultType]::ParameterName, 'Prove that clients without a certificate, and with one of another CA, are refused')
            [CompletionResult]::new('--expect-loaded', '--expect-loaded', [CompletionResultType]::ParameterName, 'Prove that each node serves the certificate that its Secret in the store holds')
            [CompletionResult]::new('--insecure-skip-name-check', '--insecure-skip-name-check', [CompletionResultType]::ParameterName, 'Log in although a server''s certificate is for another name than the one dialled')
            [CompletionResult]::new('--enumerate', '--enumerate', [CompletionResultType]::ParameterName, 'List the versions of TLS, cipher suites and key exchange groups that the server takes')
            [CompletionResult]::new('--fail-fast', '--fail-fast', [CompletionResultType]::ParameterName, 'Stop at the first server that does not pass')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;volume' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('encrypt', 'encrypt', [CompletionResultType]::ParameterValue, 'Encrypt a device with LUKS2')
            [CompletionResult]::new('open', 'open', [CompletionResultType]::ParameterValue, 'Open a volume with its key, and optionally mount it')
            [CompletionResult]::new('close', 'close', [CompletionResultType]::ParameterValue, 'Close a volume')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the volumes in the store with their state')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show a volume and its LUKS header')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check that the storage under a path is encrypted with LUKS2')
            [CompletionResult]::new('rekey', 'rekey', [CompletionResultType]::ParameterValue, 'Replace the key of a volume, or its volume key')
            [CompletionResult]::new('backup', 'backup', [CompletionResultType]::ParameterValue, 'Copy the header of a volume to the store')
            [CompletionResult]::new('test-recovery', 'test-recovery', [CompletionResultType]::ParameterValue, 'Check that a volume can be recovered from the store')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Restore the header of a volume from the store')
            [CompletionResult]::new('erase', 'erase', [CompletionResultType]::ParameterValue, 'Make the data on a volume unreadable for ever')
            [CompletionResult]::new('resume', 'resume', [CompletionResultType]::ParameterValue, 'Finish an interrupted operation on a volume')
            [CompletionResult]::new('rollback', 'rollback', [CompletionResultType]::ParameterValue, 'Undo an interrupted operation on a volume')
            [CompletionResult]::new('manifest', 'manifest', [CompletionResultType]::ParameterValue, 'Print a Secret and a StorageClass for encrypting CSI drivers')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ccx-sec;volume;encrypt' {
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'ID of the volume, in ccx-volume-ID and /dev/mapper/ccx-ID')
            [CompletionResult]::new('--mkfs', '--mkfs', [CompletionResultType]::ParameterName, 'Make a file system on it')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Open it and mount it there')
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Label in the header')
            [CompletionResult]::new('--service', '--service', [CompletionResultType]::ParameterName, 'Systemd service that starts after the mount (repeatable)')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Serial number to confirm the device (NAME:SIZE without one)')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be done, and do nothing; client or server, as for kubectl, and server without a value')
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'Device of the volume; default: the one with its header')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'File with the passphrase in its first line; - is stdin')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Directory of the journals of pending operations')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--open', '--open', [CompletionResultType]::ParameterName, 'Leave it open even without a mount point')
            [CompletionResult]::new('--persist', '--persist', [CompletionResultType]::ParameterName, 'Write a systemd unit and a line in /etc/fstab for every boot')
            [CompletionResult]::new('--in-place', '--in-place', [CompletionResultType]::ParameterName, 'Encrypt the file system on the device with its files')
            [CompletionResult]::new('--i-have-a-backup', '--i-have-a-backup', [CompletionResultType]::ParameterName, 'Confirm that the data have a backup, for --in-place')
            [CompletionResult]::new('--overwrite', '--overwrite', [CompletionResultType]::ParameterName, 'Destroy the contents; asks for the serial number')
            [CompletionResult]::new('--passphrase', '--passphrase', [CompletionResultType]::ParameterName, 'Use a passphrase instead of a key in the store')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;volume;open' {
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Mount it on PATH, or on the recorded mount point')
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'Device of the volume; default: the one with its header')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'File with the passphrase in its first line; - is stdin')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Directory of the journals of pending operations')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--read-only', '--read-only', [CompletionResultType]::ParameterName, 'Open it read-only')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Retry every few seconds until store and device are available')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;volume;close' {
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Directory of the journals of pending operations')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--unmount', '--unmount', [CompletionResultType]::ParameterName, 'Unmount it first')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;volume;list' {
            [CompletionResult]::new('--node', '--node', [CompletionResultType]::ParameterName, 'Only volumes last used on NODE (this one: $(uname -n))')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Directory of the journals of pending operations')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;volume;status' {
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'Device of the volume; default: the one with its header')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Directory of the journals of pending operations')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;volume;check' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Check every file system mounted from a device, and all swap')
            [CompletionResult]::new('--data-dirs', '--data-dirs', [CompletionResultType]::ParameterName, 'Check the data directories of running engines')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;volume;rekey' {
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'Device of the volume; default: the one with its header')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'File with the passphrase in its first line; - is stdin')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Directory of the journals of pending operations')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--volume-key', '--volume-key', [CompletionResultType]::ParameterName, 'Reencrypt all data with a new volume key')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;volume;backup' {
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Also write a file for cryptsetup luksHeaderRestore')
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'Device of the volume; default: the one with its header')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'File with the passphrase in its first line; - is stdin')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Directory of the journals of pending operations')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;volume;test-recovery' {
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'Device of the volume; default: the one with its header')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'File with the passphrase in its first line; - is stdin')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Directory of the journals of pending operations')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;volume;restore' {
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Serial number to confirm the device (NAME:SIZE without one)')
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'Device of the volume; default: the one with its header')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'File with the passphrase in its first line; - is stdin')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Directory of the journals of pending operations')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;volume;erase' {
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Serial number to confirm the device (NAME:SIZE without one)')
            [CompletionResult]::new('--receipt', '--receipt', [CompletionResultType]::ParameterName, 'Also write the receipt to a file')
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'Device of the volume; default: the one with its header')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'File with the passphrase in its first line; - is stdin')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Directory of the journals of pending operations')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--keep-secret', '--keep-secret', [CompletionResultType]::ParameterName, 'Keep its Secret, which can restore the volume')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;volume;resume' {
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Serial number to confirm the device (NAME:SIZE without one)')
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'Device of the volume; default: the one with its header')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'File with the passphrase in its first line; - is stdin')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Directory of the journals of pending operations')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;volume;rollback' {
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Serial number to confirm the device (NAME:SIZE without one)')
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'Device of the volume; default: the one with its header')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'File with the passphrase in its first line; - is stdin')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Directory of the journals of pending operations')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;volume;manifest' {
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the StorageClass; the Secret is NAME-key')
            [CompletionResult]::new('--parameter', '--parameter', [CompletionResultType]::ParameterName, 'Driver parameter, such as clusterID=… for Ceph (repeatable)')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Write to a file that only its owner can read, not to stdout')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;volume;help' {
            [CompletionResult]::new('encrypt', 'encrypt', [CompletionResultType]::ParameterValue, 'Encrypt a device with LUKS2')
            [CompletionResult]::new('open', 'open', [CompletionResultType]::ParameterValue, 'Open a volume with its key, and optionally mount it')
            [CompletionResult]::new('close', 'close', [CompletionResultType]::ParameterValue, 'Close a volume')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the volumes in the store with their state')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show a volume and its LUKS header')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check that the storage under a path is encrypted with LUKS2')
            [CompletionResult]::new('rekey', 'rekey', [CompletionResultType]::ParameterValue, 'Replace the key of a volume, or its volume key')
            [CompletionResult]::new('backup', 'backup', [CompletionResultType]::ParameterValue, 'Copy the header of a volume to the store')
            [CompletionResult]::new('test-recovery', 'test-recovery', [CompletionResultType]::ParameterValue, 'Check that a volume can be recovered from the store')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Restore the header of a volume from the store')
            [CompletionResult]::new('erase', 'erase', [CompletionResultType]::ParameterValue, 'Make the data on a volume unreadable for ever')
            [CompletionResult]::new('resume', 'resume', [CompletionResultType]::ParameterValue, 'Finish an interrupted operation on a volume')
            [CompletionResult]::new('rollback', 'rollback', [CompletionResultType]::ParameterValue, 'Undo an interrupted operation on a volume')
            [CompletionResult]::new('manifest', 'manifest', [CompletionResultType]::ParameterValue, 'Print a Secret and a StorageClass for encrypting CSI drivers')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ccx-sec;volume;help;encrypt' {
            break
        }
        'ccx-sec;volume;help;open' {
            break
        }
        'ccx-sec;volume;help;close' {
            break
        }
        'ccx-sec;volume;help;list' {
            break
        }
        'ccx-sec;volume;help;status' {
            break
        }
        'ccx-sec;volume;help;check' {
            break
        }
        'ccx-sec;volume;help;rekey' {
            break
        }
        'ccx-sec;volume;help;backup' {
            break
        }
        'ccx-sec;volume;help;test-recovery' {
            break
        }
        'ccx-sec;volume;help;restore' {
            break
        }
        'ccx-sec;volume;help;erase' {
            break
        }
        'ccx-sec;volume;help;resume' {
            break
        }
        'ccx-sec;volume;help;rollback' {
            break
        }
        'ccx-sec;volume;help;manifest' {
            break
        }
        'ccx-sec;volume;help;help' {
            break
        }
        'ccx-sec;serve' {
            [CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'Where to listen; may be given several times')
            [CompletionResult]::new('--tls-cert', '--tls-cert', [CompletionResultType]::ParameterName, 'The certificate of this server, with the chain behind it, PEM')
            [CompletionResult]::new('--tls-key', '--tls-key', [CompletionResultType]::ParameterName, 'Its key, PEM')
            [CompletionResult]::new('--tls-self', '--tls-self', [CompletionResultType]::ParameterName, 'Show a certificate of the CA that is served, for this name or address; may be given several times')
            [CompletionResult]::new('--auth', '--auth', [CompletionResultType]::ParameterName, 'Show the datastores only to those with a bearer token')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait so long for a store that cannot be reached')
            [CompletionResult]::new('--access-log', '--access-log', [CompletionResultType]::ParameterName, 'The access log, on stderr; health checks are not in it')
            [CompletionResult]::new('--max-connections', '--max-connections', [CompletionResultType]::ParameterName, 'So many connections at once; more wait until one is free')
            [CompletionResult]::new('--client-timeout', '--client-timeout', [CompletionResultType]::ParameterName, 'Give up on a client that takes longer for a request, or to take an answer')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--insecure-http', '--insecure-http', [CompletionResultType]::ParameterName, 'Speak plain HTTP to other machines too: a proxy in front of it speaks TLS')
            [CompletionResult]::new('--wait-for-ca', '--wait-for-ca', [CompletionResultType]::ParameterName, 'Start without a CA, and answer 503 until there is one that can be relied on')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;manifests' {
            [CompletionResult]::new('--only', '--only', [CompletionResultType]::ParameterName, 'Print these parts alone; without it all, but renew and verify only with --inventory')
            [CompletionResult]::new('--image', '--image', [CompletionResultType]::ParameterName, 'The image, with ccx-sec as its entry point; best with its digest')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'The name of the installation, with which all names begin')
            [CompletionResult]::new('--replicas', '--replicas', [CompletionResultType]::ParameterName, 'How many pods serve')
            [CompletionResult]::new('--kubernetes', '--kubernetes', [CompletionResultType]::ParameterName, 'The oldest Kubernetes that shall take it')
            [CompletionResult]::new('--inventory', '--inventory', [CompletionResultType]::ParameterName, 'The nodes, for the jobs renew and verify; the issuer may then go to their Secrets alone')
            [CompletionResult]::new('--mode', '--mode', [CompletionResultType]::ParameterName, 'A mode that the job verify wants, as for verify; repeatable. Without it: all')
            [CompletionResult]::new('--volume', '--volume', [CompletionResultType]::ParameterName, 'A volume that the account for volumes may go to, and to no other Secret; repeatable')
            [CompletionResult]::new('--tls-secret', '--tls-secret', [CompletionResultType]::ParameterName, 'The Secret with the service''s certificate and key (kubernetes.io/tls); NAME-tls without it')
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'A name under which clients reach the service, for --cert-manager; repeatable')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--insecure-http', '--insecure-http', [CompletionResultType]::ParameterName, 'The service speaks plain HTTP: a proxy in front of it speaks TLS')
            [CompletionResult]::new('--cert-manager', '--cert-manager', [CompletionResultType]::ParameterName, 'Add an Issuer of cert-manager with this CA, and a Certificate of it for the service')
            [CompletionResult]::new('--trust-manager', '--trust-manager', [CompletionResultType]::ParameterName, 'Add a Bundle of trust-manager, which takes the bundle to every namespace')
            [CompletionResult]::new('--service-monitor', '--service-monitor', [CompletionResultType]::ParameterName, 'Add a ServiceMonitor of the Prometheus operator')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;doctor' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--fix-hints', '--fix-hints', [CompletionResultType]::ParameterName, 'Say what to do about each thing that is not as it should be')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;config' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the default of each option and where it comes from')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ccx-sec;config;show' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;config;help' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the default of each option and where it comes from')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ccx-sec;config;help;show' {
            break
        }
        'ccx-sec;config;help;help' {
            break
        }
        'ccx-sec;completion' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;version' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Where the CA is kept: Kubernetes Secrets (k8s), or a directory of the same (dir:PATH)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait: for the store, all attempts together (30s without it); for a server, at each step (5s)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of data on stdout, and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No notes, and no text about what went as it should')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; a missing answer is a usage error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;help' {
            [CompletionResult]::new('ca', 'ca', [CompletionResultType]::ParameterValue, 'The certificate authority: make it, show it, check it, hand it out')
            [CompletionResult]::new('cert', 'cert', [CompletionResultType]::ParameterValue, 'The certificates of nodes and clients: issue, renew, list, and look at them')
            [CompletionResult]::new('snippet', 'snippet', [CompletionResultType]::ParameterValue, 'TLS settings of servers, accounts and clients, as text to copy')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Dial database servers as clients do, and say for each mode what happens, and why')
            [CompletionResult]::new('volume', 'volume', [CompletionResultType]::ParameterValue, 'Encrypt, open, check and erase volumes')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Serve the CA to those who must trust it: an API and a page to download it')
            [CompletionResult]::new('manifests', 'manifests', [CompletionResultType]::ParameterValue, 'Print what runs ccx-sec in a cluster, for kubectl apply')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Look at this machine and the cluster, and say what is missing')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Show the defaults of options, from files and variables')
            [CompletionResult]::new('completion', 'completion', [CompletionResultType]::ParameterValue, 'Print the completions for a shell')
            [CompletionResult]::new('version', 'version', [CompletionResultType]::ParameterValue, 'Print the version, and the commit that it was built from')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ccx-sec;help;ca' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Make a self-signed CA and store it; refuses where there is one')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the CA''s certificate, where it is stored, and the members of its bundle')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check that the CA is there, sound and not about to expire')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write the CA certificates, for clients to trust')
            [CompletionResult]::new('fetch', 'fetch', [CompletionResultType]::ParameterValue, 'Get the CA certificates from a service, and check that they are the right ones')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Store a CA certificate and key that were made elsewhere; refuses where there is one')
            [CompletionResult]::new('renew', 'renew', [CompletionResultType]::ParameterValue, 'Renew the CA certificate, with the same name and key')
            break
        }
        'ccx-sec;help;ca;init' {
            break
        }
        'ccx-sec;help;ca;show' {
            break
        }
        'ccx-sec;help;ca;check' {
            break
        }
        'ccx-sec;help;ca;export' {
            break
        }
        'ccx-sec;help;ca;fetch' {
            break
        }
        'ccx-sec;help;ca;import' {
            break
        }
        'ccx-sec;help;ca;renew' {
            break
        }
        'ccx-sec;help;cert' {
            [CompletionResult]::new('issue', 'issue', [CompletionResultType]::ParameterValue, 'Issue a certificate for a node, a client, or every node of a fleet')
            [CompletionResult]::new('sign', 'sign', [CompletionResultType]::ParameterValue, 'Sign a certificate request (PKCS#10): the private key never leaves the node')
            [CompletionResult]::new('renew', 'renew', [CompletionResultType]::ParameterValue, 'Renew certificates that are due; those that are not stay as they are')
            [CompletionResult]::new('needs-renewal', 'needs-renewal', [CompletionResultType]::ParameterValue, 'Say whether cert renew would renew a certificate')
            [CompletionResult]::new('install', 'install', [CompletionResultType]::ParameterValue, 'Give a running server a certificate, switch TLS on, and prove that it serves it')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the certificates that have been issued, by datastore and node')
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Show every certificate of a file, a server or a Secret, and what is wrong with each')
            break
        }
        'ccx-sec;help;cert;issue' {
            break
        }
        'ccx-sec;help;cert;sign' {
            break
        }
        'ccx-sec;help;cert;renew' {
            break
        }
        'ccx-sec;help;cert;needs-renewal' {
            break
        }
        'ccx-sec;help;cert;install' {
            break
        }
        'ccx-sec;help;cert;list' {
            break
        }
        'ccx-sec;help;cert;inspect' {
            break
        }
        'ccx-sec;help;snippet' {
            [CompletionResult]::new('server', 'server', [CompletionResultType]::ParameterValue, 'Print the configuration that makes a server demand TLS')
            [CompletionResult]::new('users', 'users', [CompletionResultType]::ParameterValue, 'Print what makes single accounts demand TLS')
            [CompletionResult]::new('client', 'client', [CompletionResultType]::ParameterValue, 'Print what a client needs to connect')
            break
        }
        'ccx-sec;help;snippet;server' {
            break
        }
        'ccx-sec;help;snippet;users' {
            break
        }
        'ccx-sec;help;snippet;client' {
            break
        }
        'ccx-sec;help;verify' {
            break
        }
        'ccx-sec;help;volume' {
            [CompletionResult]::new('encrypt', 'encrypt', [CompletionResultType]::ParameterValue, 'Encrypt a device with LUKS2')
            [CompletionResult]::new('open', 'open', [CompletionResultType]::ParameterValue, 'Open a volume with its key, and optionally mount it')
            [CompletionResult]::new('close', 'close', [CompletionResultType]::ParameterValue, 'Close a volume')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the volumes in the store with their state')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show a volume and its LUKS header')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check that the storage under a path is encrypted with LUKS2')
            [CompletionResult]::new('rekey', 'rekey', [CompletionResultType]::ParameterValue, 'Replace the key of a volume, or its volume key')
            [CompletionResult]::new('backup', 'backup', [CompletionResultType]::ParameterValue, 'Copy the header of a volume to the store')
            [CompletionResult]::new('test-recovery', 'test-recovery', [CompletionResultType]::ParameterValue, 'Check that a volume can be recovered from the store')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Restore the header of a volume from the store')
            [CompletionResult]::new('erase', 'erase', [CompletionResultType]::ParameterValue, 'Make the data on a volume unreadable for ever')
            [CompletionResult]::new('resume', 'resume', [CompletionResultType]::ParameterValue, 'Finish an interrupted operation on a volume')
            [CompletionResult]::new('rollback', 'rollback', [CompletionResultType]::ParameterValue, 'Undo an interrupted operation on a volume')
            [CompletionResult]::new('manifest', 'manifest', [CompletionResultType]::ParameterValue, 'Print a Secret and a StorageClass for encrypting CSI drivers')
            break
        }
        'ccx-sec;help;volume;encrypt' {
            break
        }
        'ccx-sec;help;volume;open' {
            break
        }
        'ccx-sec;help;volume;close' {
            break
        }
        'ccx-sec;help;volume;list' {
            break
        }
        'ccx-sec;help;volume;status' {
            break
        }
        'ccx-sec;help;volume;check' {
            break
        }
        'ccx-sec;help;volume;rekey' {
            break
        }
        'ccx-sec;help;volume;backup' {
            break
        }
        'ccx-sec;help;volume;test-recovery' {
            break
        }
        'ccx-sec;help;volume;restore' {
            break
        }
        'ccx-sec;help;volume;erase' {
            break
        }
        'ccx-sec;help;volume;resume' {
            break
        }
        'ccx-sec;help;volume;rollback' {
            break
        }
        'ccx-sec;help;volume;manifest' {
            break
        }
        'ccx-sec;help;serve' {
            break
        }
        'ccx-sec;help;manifests' {
            break
        }
        'ccx-sec;help;doctor' {
            break
        }
        'ccx-sec;help;config' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the default of each option and where it comes from')
            break
        }
        'ccx-sec;help;config;show' {
            break
        }
        'ccx-sec;help;completion' {
            break
        }
        'ccx-sec;help;version' {
            break
        }
        'ccx-sec;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
