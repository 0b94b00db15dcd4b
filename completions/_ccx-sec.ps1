
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
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('ca', 'ca', [CompletionResultType]::ParameterValue, 'Create, show, check and distribute the CA')
            [CompletionResult]::new('cert', 'cert', [CompletionResultType]::ParameterValue, 'Issue, renew, list and inspect certificates')
            [CompletionResult]::new('snippet', 'snippet', [CompletionResultType]::ParameterValue, 'Print TLS settings of servers, accounts and clients')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Connect to servers as clients do and check the TLS modes')
            [CompletionResult]::new('volume', 'volume', [CompletionResultType]::ParameterValue, 'Encrypt, open, check and erase volumes')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Serve the CA by HTTP: an API and a download page')
            [CompletionResult]::new('manifests', 'manifests', [CompletionResultType]::ParameterValue, 'Print Kubernetes manifests that run ccx-sec')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Check this machine and the cluster for missing parts')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Show the defaults of options')
            [CompletionResult]::new('completion', 'completion', [CompletionResultType]::ParameterValue, 'Print the completion script of a shell')
            [CompletionResult]::new('version', 'version', [CompletionResultType]::ParameterValue, 'Print the version and its commit')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ccx-sec;ca' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Create a self-signed CA and store it')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the CA''s certificate, its store and its bundle')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check that the CA exists, is valid and does not expire soon')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Export the CA certificates that clients have to trust')
            [CompletionResult]::new('fetch', 'fetch', [CompletionResultType]::ParameterValue, 'Download the CA certificates and check their fingerprints')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Store a CA that was created elsewhere')
            [CompletionResult]::new('renew', 'renew', [CompletionResultType]::ParameterValue, 'Renew the CA certificate, with the same name and key')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Rotate the CA to a new key and name, in phases')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ccx-sec;ca;init' {
            [CompletionResult]::new('--common-name', '--common-name', [CompletionResultType]::ParameterName, 'Common name of the CA [default: ccx-sec CA]')
            [CompletionResult]::new('--organization', '--organization', [CompletionResultType]::ParameterName, 'Organization of the CA [default: none]')
            [CompletionResult]::new('--key-type', '--key-type', [CompletionResultType]::ParameterName, 'Type of the key')
            [CompletionResult]::new('--validity', '--validity', [CompletionResultType]::ParameterName, 'Lifetime of the CA: 10y, 90d, 1y6mo')
            [CompletionResult]::new('--permit-dns', '--permit-dns', [CompletionResultType]::ParameterName, 'DNS domain that the CA may sign for, with its subdomains; repeatable')
            [CompletionResult]::new('--permit-ip', '--permit-ip', [CompletionResultType]::ParameterName, 'Address range that the CA may sign for, IPv4 or IPv6; repeatable')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print the changes and make none; with client, make fewer checks in the store')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('--if-not-exists', '--if-not-exists', [CompletionResultType]::ParameterName, 'Show an existing CA and exit with 0')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;ca;show' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;ca;check' {
            [CompletionResult]::new('--expires-within', '--expires-within', [CompletionResultType]::ParameterName, 'Also fail if the CA expires within this time: 30d, 6mo')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Also fail on warnings')
            [CompletionResult]::new('--no-repair', '--no-repair', [CompletionResultType]::ParameterName, 'Check only; write nothing')
            [CompletionResult]::new('--rotation-keys', '--rotation-keys', [CompletionResultType]::ParameterName, 'Also fail if a key that a rotation keeps is missing or damaged')
            [CompletionResult]::new('--accept-new-ca', '--accept-new-ca', [CompletionResultType]::ParameterName, 'Accept a replaced CA: active in the bundle, with the old one as retiring')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;ca;export' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Format of the file')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'File to write [default: stdout]')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'File whose first line is the passphrase [default: prompt]')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace an existing file')
            [CompletionResult]::new('--with-key', '--with-key', [CompletionResultType]::ParameterName, 'Include the CA''s private key, after a typed confirmation')
            [CompletionResult]::new('--yes-export-private-key', '--yes-export-private-key', [CompletionResultType]::ParameterName, 'Confirm --with-key without a prompt')
            [CompletionResult]::new('--no-passphrase', '--no-passphrase', [CompletionResultType]::ParameterName, 'Write the private key unencrypted')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;ca;fetch' {
            [CompletionResult]::new('--sha256', '--sha256', [CompletionResultType]::ParameterName, 'SHA-256 fingerprint of a certificate; repeatable, for several certificates')
            [CompletionResult]::new('--check', '--check', [CompletionResultType]::ParameterName, 'PEM file of a client to compare, instead of a download')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Format of the file')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'File to write [default: stdout]')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('--no-follow', '--no-follow', [CompletionResultType]::ParameterName, 'Refuse certificates that a known one announces')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace an existing file')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;ca;import' {
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'CA certificate, PEM or DER; - is stdin')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Private key of the CA, PEM or DER; - is stdin [default: in --cert]')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'File whose first line is the passphrase of the key [default: prompt]')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print the changes and make none; with client, make fewer checks in the store')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;ca;renew' {
            [CompletionResult]::new('--validity', '--validity', [CompletionResultType]::ParameterName, 'Life of the renewed certificate: 10y, 90d, 1y6mo')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'File with the renewed certificate, for a CA that was made elsewhere')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print the changes and make none; with client, make fewer checks in the store')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;ca;rotate' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Simulate a rotation: what would break, and when')
            [CompletionResult]::new('start', 'start', [CompletionResultType]::ParameterValue, 'Make the next CA and put it into the bundle')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show the phase of the rotation, and the next step')
            [CompletionResult]::new('advance', 'advance', [CompletionResultType]::ParameterValue, 'Prove what the next phase demands, and enter it')
            [CompletionResult]::new('pause', 'pause', [CompletionResultType]::ParameterValue, 'Stop further nodes from taking a new certificate')
            [CompletionResult]::new('resume', 'resume', [CompletionResultType]::ParameterValue, 'Let nodes take new certificates again, after a pause')
            [CompletionResult]::new('rollback', 'rollback', [CompletionResultType]::ParameterValue, 'Go back to the old CA, from any phase until forget')
            [CompletionResult]::new('forget', 'forget', [CompletionResultType]::ParameterValue, 'Delete the old key: after this, nothing goes back')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ccx-sec;ca;rotate;plan' {
            [CompletionResult]::new('--client-bundle', '--client-bundle', [CompletionResultType]::ParameterName, 'Bundle of a client that does not take the new one; repeatable')
            [CompletionResult]::new('--inventory', '--inventory', [CompletionResultType]::ParameterName, 'Nodes of a fleet; their Secrets are read, or --dir')
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Directory of the fleet, with --inventory')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Certificate of a next CA made elsewhere, PEM or DER')
            [CompletionResult]::new('--common-name', '--common-name', [CompletionResultType]::ParameterName, 'Common name of the next CA [default: the present one and G2, G3, …]')
            [CompletionResult]::new('--key-type', '--key-type', [CompletionResultType]::ParameterName, 'Type of its key [default: that of the present CA]')
            [CompletionResult]::new('--validity', '--validity', [CompletionResultType]::ParameterName, 'Lifetime of the next CA: 10y, 90d, 1y6mo')
            [CompletionResult]::new('--permit-dns', '--permit-dns', [CompletionResultType]::ParameterName, 'DNS domain that it may sign for [default: as the present CA]')
            [CompletionResult]::new('--permit-ip', '--permit-ip', [CompletionResultType]::ParameterName, 'Address range that it may sign for [default: as the present CA]')
            [CompletionResult]::new('--client-max-age', '--client-max-age', [CompletionResultType]::ParameterName, 'Time that clients need to take the new bundle; 0 for none')
            [CompletionResult]::new('--reissue-window', '--reissue-window', [CompletionResultType]::ParameterName, 'Time over which nodes take new certificates; 0 for at once')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('--from-secrets', '--from-secrets', [CompletionResultType]::ParameterName, 'All nodes that have a Secret in the store')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;ca;rotate;start' {
            [CompletionResult]::new('--common-name', '--common-name', [CompletionResultType]::ParameterName, 'Common name of the next CA [default: the present one and G2, G3, …]')
            [CompletionResult]::new('--key-type', '--key-type', [CompletionResultType]::ParameterName, 'Type of the key [default: that of the present CA]')
            [CompletionResult]::new('--validity', '--validity', [CompletionResultType]::ParameterName, 'Lifetime of the next CA: 10y, 90d, 1y6mo')
            [CompletionResult]::new('--permit-dns', '--permit-dns', [CompletionResultType]::ParameterName, 'DNS domain that it may sign for [default: as the present CA]')
            [CompletionResult]::new('--permit-ip', '--permit-ip', [CompletionResultType]::ParameterName, 'Address range that it may sign for [default: as the present CA]')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Certificate of a next CA made elsewhere, PEM or DER; - is stdin')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Private key of that CA, PEM or DER; - is stdin [default: in --cert]')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'File whose first line is the passphrase of that key [default: prompt]')
            [CompletionResult]::new('--client-max-age', '--client-max-age', [CompletionResultType]::ParameterName, 'Time that clients need to take the new bundle: 30d, 0 for none')
            [CompletionResult]::new('--reissue-window', '--reissue-window', [CompletionResultType]::ParameterName, 'Time over which nodes take new certificates [default: 24h]')
            [CompletionResult]::new('--canaries', '--canaries', [CompletionResultType]::ParameterName, 'Share of nodes that go first, in thousandths')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print the changes and make none; with client, make fewer checks in the store')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('--compromised', '--compromised', [CompletionResultType]::ParameterName, 'The present key was stolen: no waiting, and no way back to it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;ca;rotate;status' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'Show it again after each change')
            [CompletionResult]::new('--holders', '--holders', [CompletionResultType]::ParameterName, 'List the clients that have a bundle without the new CA')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;ca;rotate;advance' {
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'Phase to reach [default with --unattended: removed]')
            [CompletionResult]::new('--inventory', '--inventory', [CompletionResultType]::ParameterName, 'All nodes of the fleet, with the port in their field port')
            [CompletionResult]::new('--domain', '--domain', [CompletionResultType]::ParameterName, 'Domain of nodes for which the inventory names none')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Engine of nodes for which the inventory names none')
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Directory of the fleet''s files, as cert issue --out writes it')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Time to wait for nodes that are not proved yet: 30m, 12h')
            [CompletionResult]::new('--accept-age', '--accept-age', [CompletionResultType]::ParameterName, 'Reason for which clients need no more time to get the bundle')
            [CompletionResult]::new('--accept-holders', '--accept-holders', [CompletionResultType]::ParameterName, 'Number of known clients that may lack the new CA')
            [CompletionResult]::new('--exclude', '--exclude', [CompletionResultType]::ParameterName, 'Node that no gate asks about, with the reason; repeatable')
            [CompletionResult]::new('--include', '--include', [CompletionResultType]::ParameterName, 'Node that was left out and has come back; repeatable')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'First 8 digits of a fingerprint, to confirm; repeatable')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Number of servers at a time')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print the changes and make none; with client, make fewer checks in the store')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('--unattended', '--unattended', [CompletionResultType]::ParameterName, 'Run as a job: ask nobody, and stop where a person confirms')
            [CompletionResult]::new('--from-secrets', '--from-secrets', [CompletionResultType]::ParameterName, 'All nodes that have Secrets in the store, by NODE.DATASTORE.DOMAIN')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;ca;rotate;pause' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;ca;rotate;resume' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;ca;rotate;rollback' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('--undo', '--undo', [CompletionResultType]::ParameterName, 'Undo a rollback: go forward again to the new CA')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;ca;rotate;forget' {
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'First 8 digits of the old CA''s fingerprint, to confirm')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('--unproved', '--unproved', [CompletionResultType]::ParameterName, 'Do without the proof that every node refuses the old CA')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;ca;rotate;help' {
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Simulate a rotation: what would break, and when')
            [CompletionResult]::new('start', 'start', [CompletionResultType]::ParameterValue, 'Make the next CA and put it into the bundle')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show the phase of the rotation, and the next step')
            [CompletionResult]::new('advance', 'advance', [CompletionResultType]::ParameterValue, 'Prove what the next phase demands, and enter it')
            [CompletionResult]::new('pause', 'pause', [CompletionResultType]::ParameterValue, 'Stop further nodes from taking a new certificate')
            [CompletionResult]::new('resume', 'resume', [CompletionResultType]::ParameterValue, 'Let nodes take new certificates again, after a pause')
            [CompletionResult]::new('rollback', 'rollback', [CompletionResultType]::ParameterValue, 'Go back to the old CA, from any phase until forget')
            [CompletionResult]::new('forget', 'forget', [CompletionResultType]::ParameterValue, 'Delete the old key: after this, nothing goes back')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ccx-sec;ca;rotate;help;plan' {
            break
        }
        'ccx-sec;ca;rotate;help;start' {
            break
        }
        'ccx-sec;ca;rotate;help;status' {
            break
        }
        'ccx-sec;ca;rotate;help;advance' {
            break
        }
        'ccx-sec;ca;rotate;help;pause' {
            break
        }
        'ccx-sec;ca;rotate;help;resume' {
            break
        }
        'ccx-sec;ca;rotate;help;rollback' {
            break
        }
        'ccx-sec;ca;rotate;help;forget' {
            break
        }
        'ccx-sec;ca;rotate;help;help' {
            break
        }
        'ccx-sec;ca;help' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Create a self-signed CA and store it')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the CA''s certificate, its store and its bundle')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check that the CA exists, is valid and does not expire soon')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Export the CA certificates that clients have to trust')
            [CompletionResult]::new('fetch', 'fetch', [CompletionResultType]::ParameterValue, 'Download the CA certificates and check their fingerprints')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Store a CA that was created elsewhere')
            [CompletionResult]::new('renew', 'renew', [CompletionResultType]::ParameterValue, 'Renew the CA certificate, with the same name and key')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Rotate the CA to a new key and name, in phases')
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
        'ccx-sec;ca;help;rotate' {
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Simulate a rotation: what would break, and when')
            [CompletionResult]::new('start', 'start', [CompletionResultType]::ParameterValue, 'Make the next CA and put it into the bundle')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show the phase of the rotation, and the next step')
            [CompletionResult]::new('advance', 'advance', [CompletionResultType]::ParameterValue, 'Prove what the next phase demands, and enter it')
            [CompletionResult]::new('pause', 'pause', [CompletionResultType]::ParameterValue, 'Stop further nodes from taking a new certificate')
            [CompletionResult]::new('resume', 'resume', [CompletionResultType]::ParameterValue, 'Let nodes take new certificates again, after a pause')
            [CompletionResult]::new('rollback', 'rollback', [CompletionResultType]::ParameterValue, 'Go back to the old CA, from any phase until forget')
            [CompletionResult]::new('forget', 'forget', [CompletionResultType]::ParameterValue, 'Delete the old key: after this, nothing goes back')
            break
        }
        'ccx-sec;ca;help;rotate;plan' {
            break
        }
        'ccx-sec;ca;help;rotate;start' {
            break
        }
        'ccx-sec;ca;help;rotate;status' {
            break
        }
        'ccx-sec;ca;help;rotate;advance' {
            break
        }
        'ccx-sec;ca;help;rotate;pause' {
            break
        }
        'ccx-sec;ca;help;rotate;resume' {
            break
        }
        'ccx-sec;ca;help;rotate;rollback' {
            break
        }
        'ccx-sec;ca;help;rotate;forget' {
            break
        }
        'ccx-sec;ca;help;help' {
            break
        }
        'ccx-sec;cert' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('issue', 'issue', [CompletionResultType]::ParameterValue, 'Issue certificates for a node, a client or a fleet')
            [CompletionResult]::new('sign', 'sign', [CompletionResultType]::ParameterValue, 'Sign a certificate request (PKCS#10)')
            [CompletionResult]::new('renew', 'renew', [CompletionResultType]::ParameterValue, 'Renew certificates that are due')
            [CompletionResult]::new('needs-renewal', 'needs-renewal', [CompletionResultType]::ParameterValue, 'Check whether certificates are due for renewal')
            [CompletionResult]::new('install', 'install', [CompletionResultType]::ParameterValue, 'Install a certificate in a running server and turn TLS on')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List issued certificates by datastore and node')
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Show the certificates of a file, a server or a Secret')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ccx-sec;cert;issue' {
            [CompletionResult]::new('--datastore', '--datastore', [CompletionResultType]::ParameterName, 'UUID of the datastore (database service) of the node; for a new one: uuidgen')
            [CompletionResult]::new('--node', '--node', [CompletionResultType]::ParameterName, 'Name of the node')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Database engine of the node')
            [CompletionResult]::new('--domain', '--domain', [CompletionResultType]::ParameterName, 'Domain of NODE.DATASTORE.DOMAIN [default: the only domain that the CA permits]')
            [CompletionResult]::new('--dns', '--dns', [CompletionResultType]::ParameterName, 'Further DNS name, such as that of the primary; repeatable')
            [CompletionResult]::new('--ip', '--ip', [CompletionResultType]::ParameterName, 'IP address, v4 or v6; repeatable')
            [CompletionResult]::new('--replication', '--replication', [CompletionResultType]::ParameterName, 'Allow the node to use the certificate as a client (clientAuth)')
            [CompletionResult]::new('--validity', '--validity', [CompletionResultType]::ParameterName, 'Lifetime of the certificate, at most that of the CA: 1y, 90d')
            [CompletionResult]::new('--key-type', '--key-type', [CompletionResultType]::ParameterName, 'Type of the key [default: ecdsa-p256; rsa-2048 for mssql]')
            [CompletionResult]::new('--common-name', '--common-name', [CompletionResultType]::ParameterName, 'Common name of a client: for most engines the user''s name')
            [CompletionResult]::new('--inventory', '--inventory', [CompletionResultType]::ParameterName, 'Nodes of a fleet, as YAML, JSON or CSV; - is stdin (not for CSV)')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Directory for the files; created if missing')
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Owner of the files, such as mysql:mysql')
            [CompletionResult]::new('--key-mode', '--key-mode', [CompletionResultType]::ParameterName, 'Mode of the key: 0600, or 0640 for a key of root with the server''s group')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Number of nodes at a time [default: processors; at least 16 with a cluster]')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print the changes and make none; with client, make fewer checks in the store')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('--client', '--client', [CompletionResultType]::ParameterName, 'Issue a client certificate, with --common-name')
            [CompletionResult]::new('--secret', '--secret', [CompletionResultType]::ParameterName, 'Write the files to the Secret ccx-node-DATASTORE-NODE')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace files of other programs, or another node''s certificate')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;cert;sign' {
            [CompletionResult]::new('--csr', '--csr', [CompletionResultType]::ParameterName, 'Certificate request, PEM or DER; - is stdin')
            [CompletionResult]::new('--datastore', '--datastore', [CompletionResultType]::ParameterName, 'UUID of the datastore (database service) of the node; for a new one: uuidgen')
            [CompletionResult]::new('--node', '--node', [CompletionResultType]::ParameterName, 'Name of the node')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Database engine of the node')
            [CompletionResult]::new('--domain', '--domain', [CompletionResultType]::ParameterName, 'Domain of NODE.DATASTORE.DOMAIN [default: the only domain that the CA permits]')
            [CompletionResult]::new('--dns', '--dns', [CompletionResultType]::ParameterName, 'Further DNS name, such as that of the primary; repeatable')
            [CompletionResult]::new('--ip', '--ip', [CompletionResultType]::ParameterName, 'IP address, v4 or v6; repeatable')
            [CompletionResult]::new('--replication', '--replication', [CompletionResultType]::ParameterName, 'Allow the node to use the certificate as a client (clientAuth)')
            [CompletionResult]::new('--validity', '--validity', [CompletionResultType]::ParameterName, 'Lifetime of the certificate, at most that of the CA: 1y, 90d')
            [CompletionResult]::new('--allow-dns', '--allow-dns', [CompletionResultType]::ParameterName, 'DNS names that the request may contain; repeatable')
            [CompletionResult]::new('--allow-ip', '--allow-ip', [CompletionResultType]::ParameterName, 'Addresses that the request may contain; repeatable')
            [CompletionResult]::new('--common-name', '--common-name', [CompletionResultType]::ParameterName, 'Common name of a client')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'File for the certificate, PEM [default: stdout]')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('--client', '--client', [CompletionResultType]::ParameterName, 'Sign for a client, with --common-name')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace an existing file')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;cert;renew' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Directory with a certificate and its key, as cert issue --out writes it')
            [CompletionResult]::new('--secret', '--secret', [CompletionResultType]::ParameterName, 'Secret NAME of the store; with --inventory, without NAME, those of its nodes')
            [CompletionResult]::new('--inventory', '--inventory', [CompletionResultType]::ParameterName, 'Nodes of a fleet, as for cert issue')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Directory of the fleet, with --inventory')
            [CompletionResult]::new('--before', '--before', [CompletionResultType]::ParameterName, 'Renew what expires within this time: 30d [default: a third of its life]')
            [CompletionResult]::new('--validity', '--validity', [CompletionResultType]::ParameterName, 'Lifetime of the new certificate [default: as long as before]')
            [CompletionResult]::new('--exec', '--exec', [CompletionResultType]::ParameterName, 'Shell command to run after the files changed')
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Owner of the files, such as mysql:mysql')
            [CompletionResult]::new('--key-mode', '--key-mode', [CompletionResultType]::ParameterName, 'Mode of the key: 0600, or 0640 for a key of root with the server''s group')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Number of nodes at a time [default: processors; at least 16 with a cluster]')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print the changes and make none; with client, make fewer checks in the store')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('--from-secrets', '--from-secrets', [CompletionResultType]::ParameterName, 'All nodes that have Secrets in the store')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Also renew certificates that are not due')
            [CompletionResult]::new('--reuse-key', '--reuse-key', [CompletionResultType]::ParameterName, 'Keep the private key')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;cert;needs-renewal' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Directory with a certificate and its key, as cert issue --out writes it')
            [CompletionResult]::new('--secret', '--secret', [CompletionResultType]::ParameterName, 'Secret NAME of the store; with --inventory, without NAME, those of its nodes')
            [CompletionResult]::new('--inventory', '--inventory', [CompletionResultType]::ParameterName, 'Nodes of a fleet, as for cert issue')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Directory of the fleet, with --inventory')
            [CompletionResult]::new('--before', '--before', [CompletionResultType]::ParameterName, 'Renew what expires within this time: 30d [default: a third of its life]')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('--from-secrets', '--from-secrets', [CompletionResultType]::ParameterName, 'All nodes that have Secrets in the store')
            [CompletionResult]::new('--dates-only', '--dates-only', [CompletionResultType]::ParameterName, 'Check only the dates and the key, not for a replaced CA')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;cert;install' {
            [CompletionResult]::new('--datastore', '--datastore', [CompletionResultType]::ParameterName, 'UUID of the datastore (database service) of the node; for a new one: uuidgen')
            [CompletionResult]::new('--node', '--node', [CompletionResultType]::ParameterName, 'Name of the node')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Database engine of the node')
            [CompletionResult]::new('--domain', '--domain', [CompletionResultType]::ParameterName, 'Domain of NODE.DATASTORE.DOMAIN [default: the only domain that the CA permits]')
            [CompletionResult]::new('--dns', '--dns', [CompletionResultType]::ParameterName, 'Further DNS name, such as that of the primary; repeatable')
            [CompletionResult]::new('--ip', '--ip', [CompletionResultType]::ParameterName, 'IP address, v4 or v6; repeatable')
            [CompletionResult]::new('--replication', '--replication', [CompletionResultType]::ParameterName, 'Allow the node to use the certificate as a client (clientAuth)')
            [CompletionResult]::new('--validity', '--validity', [CompletionResultType]::ParameterName, 'Lifetime of the certificate, at most that of the CA: 1y, 90d')
            [CompletionResult]::new('--key-type', '--key-type', [CompletionResultType]::ParameterName, 'Type of the key [default: ecdsa-p256]')
            [CompletionResult]::new('--certificate', '--certificate', [CompletionResultType]::ParameterName, 'Certificate to install instead of a new one, PEM')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Private key of --certificate, PEM, without a passphrase')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'CAs that clients trust, the signer among them, PEM [default: the bundle]')
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Directory for ca.pem, server-cert.pem and server-key.pem; created if missing')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Settings file to write: see CONFIGURATION')
            [CompletionResult]::new('--socket', '--socket', [CompletionResultType]::ParameterName, 'Unix socket for the administrator''s login; of PostgreSQL also its folder')
            [CompletionResult]::new('--url', '--url', [CompletionResultType]::ParameterName, 'URL of the server; without --socket, the administrator logs in there')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Administrator''s account [default: root, postgres or default, by engine]')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'File whose first line is the administrator''s password; - is stdin')
            [CompletionResult]::new('--mode', '--mode', [CompletionResultType]::ParameterName, 'Demand on clients: TLS, or a certificate too [default: as installed]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Versions of TLS to allow [default: as installed, or intermediate]')
            [CompletionResult]::new('--tls-port', '--tls-port', [CompletionResultType]::ParameterName, 'TLS port of redis and valkey [default: the one in use, or the plain one]')
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Owner of the files, such as mysql:mysql')
            [CompletionResult]::new('--key-mode', '--key-mode', [CompletionResultType]::ParameterName, 'Mode of the key: 0600, or 0640 for a key of root with the server''s group')
            [CompletionResult]::new('--restart-command', '--restart-command', [CompletionResultType]::ParameterName, 'Shell command that restarts the server; run only if a restart is needed')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print the changes and make none; with client, make fewer checks in the store')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('--trust-loopback', '--trust-loopback', [CompletionResultType]::ParameterName, 'Send the password to any server that listens at a --url of this machine')
            [CompletionResult]::new('--ignore-replicas', '--ignore-replicas', [CompletionResultType]::ParameterName, 'Continue although connected replicas would be refused when they reconnect')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace files of other programs, or another node''s certificate')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;cert;list' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Directory of a fleet or a node to list instead of the store')
            [CompletionResult]::new('--datastore', '--datastore', [CompletionResultType]::ParameterName, 'Show only this datastore')
            [CompletionResult]::new('--node', '--node', [CompletionResultType]::ParameterName, 'Show only nodes of this name')
            [CompletionResult]::new('--expires-within', '--expires-within', [CompletionResultType]::ParameterName, 'Show only certificates that expire within this time; exit 1 if there are any')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;cert;inspect' {
            [CompletionResult]::new('--expires-within', '--expires-within', [CompletionResultType]::ParameterName, 'Fail if a certificate expires within this time: 30d, 6mo')
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'Time to check the certificates at: 2027-01-01T00:00:00Z [default: now]')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'File whose first line is the passphrase of PKCS#12 [default: prompt]')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Trusted CAs [default: the bundle in the store]')
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'Name or address to verify [default: that of the URL]')
            [CompletionResult]::new('--mode', '--mode', [CompletionResultType]::ParameterName, 'Checks to make [default: VERIFY_IDENTITY with a name, else VERIFY_CA]')
            [CompletionResult]::new('--purpose', '--purpose', [CompletionResultType]::ParameterName, 'Use of the certificate')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('--lint', '--lint', [CompletionResultType]::ParameterName, 'Check each certificate against the profile and RFC 5280')
            [CompletionResult]::new('--verify', '--verify', [CompletionResultType]::ParameterName, 'Verify the chain of the first certificate up to a trusted CA')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;cert;help' {
            [CompletionResult]::new('issue', 'issue', [CompletionResultType]::ParameterValue, 'Issue certificates for a node, a client or a fleet')
            [CompletionResult]::new('sign', 'sign', [CompletionResultType]::ParameterValue, 'Sign a certificate request (PKCS#10)')
            [CompletionResult]::new('renew', 'renew', [CompletionResultType]::ParameterValue, 'Renew certificates that are due')
            [CompletionResult]::new('needs-renewal', 'needs-renewal', [CompletionResultType]::ParameterValue, 'Check whether certificates are due for renewal')
            [CompletionResult]::new('install', 'install', [CompletionResultType]::ParameterValue, 'Install a certificate in a running server and turn TLS on')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List issued certificates by datastore and node')
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Show the certificates of a file, a server or a Secret')
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
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('server', 'server', [CompletionResultType]::ParameterValue, 'Print settings that make a server demand TLS')
            [CompletionResult]::new('users', 'users', [CompletionResultType]::ParameterValue, 'Print statements that make accounts demand TLS')
            [CompletionResult]::new('client', 'client', [CompletionResultType]::ParameterValue, 'Print the TLS settings of a client')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ccx-sec;snippet;server' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Engine of the server')
            [CompletionResult]::new('--engine-version', '--engine-version', [CompletionResultType]::ParameterName, 'Version of the server, as it reports it: 8.4, 10.11, 17')
            [CompletionResult]::new('--mode', '--mode', [CompletionResultType]::ParameterName, 'Demand on clients: TLS, or also a certificate (VERIFY_CA; MUTUAL_TLS in verify)')
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Absolute path of the directory of TLS files on the server')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Versions of TLS to allow')
            [CompletionResult]::new('--tls-port', '--tls-port', [CompletionResultType]::ParameterName, 'TLS port, for redis and valkey')
            [CompletionResult]::new('--exception', '--exception', [CompletionResultType]::ParameterName, 'Plugin whose accounts may connect without TLS')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Directory to write the files into; created if missing [default: stdout]')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('--galera', '--galera', [CompletionResultType]::ParameterName, 'Add TLS between the nodes of a Galera cluster, for mariadb')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace existing files')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;snippet;users' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Engine of the server')
            [CompletionResult]::new('--engine-version', '--engine-version', [CompletionResultType]::ParameterName, 'Version of the server: 8.4, 10.11, 17 [default: that of --url or --socket]')
            [CompletionResult]::new('--mode', '--mode', [CompletionResultType]::ParameterName, 'Demand on the accounts: TLS, or a certificate of the CA too')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Account: app, ''app''@''10.0.0.%'', a role; repeatable')
            [CompletionResult]::new('--accounts', '--accounts', [CompletionResultType]::ParameterName, 'File of accounts, one a line; - is stdin')
            [CompletionResult]::new('--subject', '--subject', [CompletionResultType]::ParameterName, 'Subject of the client certificate: /O=Acme/CN=app (mysql, mariadb)')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Directory to write the files into; created if missing [default: stdout]')
            [CompletionResult]::new('--socket', '--socket', [CompletionResultType]::ParameterName, 'Unix socket for the administrator''s login; of PostgreSQL also its folder')
            [CompletionResult]::new('--url', '--url', [CompletionResultType]::ParameterName, 'URL of the server; without --socket, the administrator logs in there')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Administrator''s account [default: root, postgres or default, by engine]')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'File whose first line is the administrator''s password; - is stdin')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'CAs to trust the server at --url by, PEM [default: the bundle]')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace existing files')
            [CompletionResult]::new('--trust-loopback', '--trust-loopback', [CompletionResultType]::ParameterName, 'Send the password to any server that listens at a --url of this machine')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;snippet;client' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Engine of the server')
            [CompletionResult]::new('--client', '--client', [CompletionResultType]::ParameterName, 'Client: psql, redis-py, mysql-connector-j, …; --all lists them')
            [CompletionResult]::new('--mode', '--mode', [CompletionResultType]::ParameterName, 'TLS mode of the client')
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'Name or address of the server')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'Port of the server [default: the engine''s]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Account [default: app; default for redis and valkey]')
            [CompletionResult]::new('--database', '--database', [CompletionResultType]::ParameterName, 'Database')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'File of the CA certificates on the client')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'File of a client certificate, for servers that demand one')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File of the private key of --client-cert')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Print every client of the engine')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;snippet;help' {
            [CompletionResult]::new('server', 'server', [CompletionResultType]::ParameterValue, 'Print settings that make a server demand TLS')
            [CompletionResult]::new('users', 'users', [CompletionResultType]::ParameterValue, 'Print statements that make accounts demand TLS')
            [CompletionResult]::new('client', 'client', [CompletionResultType]::ParameterValue, 'Print the TLS settings of a client')
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
            [CompletionResult]::new('--inventory', '--inventory', [CompletionResultType]::ParameterName, 'Nodes of a fleet, as for cert issue, with the port in their field port')
            [CompletionResult]::new('--domain', '--domain', [CompletionResultType]::ParameterName, 'Domain of nodes for which the inventory names none')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Engine of nodes for which the inventory names none')
            [CompletionResult]::new('--server-name', '--server-name', [CompletionResultType]::ParameterName, 'Name of the servers for clients, if it differs from the one dialled')
            [CompletionResult]::new('--mode', '--mode', [CompletionResultType]::ParameterName, 'Mode to require; repeatable [default: all four]')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'CAs that clients trust, PEM [default: the bundle in the store]')
            [CompletionResult]::new('--probe-user', '--probe-user', [CompletionResultType]::ParameterName, 'User name of the probe''s login attempt; appears in audit logs')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Client certificate to show if a server asks for one, with its chain, PEM')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'Private key of --client-cert, PEM')
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Server''s directory of credentials, to compare with the served certificate')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Account to log in as, with TLS and, for PLAINTEXT, without; repeatable')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'File whose first line is the password; repeatable [default: prompt]')
            [CompletionResult]::new('--exception', '--exception', [CompletionResultType]::ParameterName, 'Allow plaintext logins of accounts with this plugin')
            [CompletionResult]::new('--min-tls', '--min-tls', [CompletionResultType]::ParameterName, 'Lowest TLS version to allow; a server that accepts less fails MIN_TLS')
            [CompletionResult]::new('--simulate', '--simulate', [CompletionResultType]::ParameterName, 'Client to simulate in each of its TLS modes: see SIMULATE; repeatable')
            [CompletionResult]::new('--attempts', '--attempts', [CompletionResultType]::ParameterName, 'Number of clients without TLS to try, each way, before PLAINTEXT passes')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Number of servers at a time')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Time limit for all servers together; the rest is unknown')
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'Pause between checks; repeat them and print changes until interrupted')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('--from-secrets', '--from-secrets', [CompletionResultType]::ParameterName, 'Verify the nodes that have Secrets in the store, by NODE.DATASTORE.DOMAIN')
            [CompletionResult]::new('--all-addresses', '--all-addresses', [CompletionResultType]::ParameterName, 'Check every address of a name, not only the first that answers')
            [CompletionResult]::new('--direct', '--direct', [CompletionResultType]::ParameterName, 'Start TLS at the first byte: PostgreSQL 17 and later, SQL Server (TDS 8.0)')
            [CompletionResult]::new('--expect-client-cert-required', '--expect-client-cert-required', [CompletionResultType]::ParameterName, 'Check that clients without a certificate of the CA are refused')
            [CompletionResult]::new('--expect-loaded', '--expect-loaded', [CompletionResultType]::ParameterName, 'Check that each node serves the certificate in its Secret')
            [CompletionResult]::new('--insecure-skip-name-check', '--insecure-skip-name-check', [CompletionResultType]::ParameterName, 'Log in although a server''s certificate is for another name')
            [CompletionResult]::new('--enumerate', '--enumerate', [CompletionResultType]::ParameterName, 'List the TLS versions, cipher suites and groups that the server accepts')
            [CompletionResult]::new('--fail-fast', '--fail-fast', [CompletionResultType]::ParameterName, 'Stop at the first server that does not pass')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;volume' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
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
            [CompletionResult]::new('rekey', 'rekey', [CompletionResultType]::ParameterValue, 'Replace the key that unlocks a volume, or reencrypt it')
            [CompletionResult]::new('backup', 'backup', [CompletionResultType]::ParameterValue, 'Copy the header of a volume to the store')
            [CompletionResult]::new('test-recovery', 'test-recovery', [CompletionResultType]::ParameterValue, 'Check that a volume can be recovered from the store')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Restore the header of a volume from the store')
            [CompletionResult]::new('erase', 'erase', [CompletionResultType]::ParameterValue, 'Make all data on a volume permanently unreadable')
            [CompletionResult]::new('resume', 'resume', [CompletionResultType]::ParameterValue, 'Finish an interrupted operation on a volume')
            [CompletionResult]::new('rollback', 'rollback', [CompletionResultType]::ParameterValue, 'Undo an interrupted operation on a volume')
            [CompletionResult]::new('manifest', 'manifest', [CompletionResultType]::ParameterValue, 'Print a Secret and a StorageClass for encrypting CSI drivers')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ccx-sec;volume;encrypt' {
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'ID of the volume, in ccx-volume-ID and /dev/mapper/ccx-ID')
            [CompletionResult]::new('--mkfs', '--mkfs', [CompletionResultType]::ParameterName, 'Make a file system on the volume')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Open the volume and mount it on PATH')
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Label in the header')
            [CompletionResult]::new('--service', '--service', [CompletionResultType]::ParameterName, 'Systemd service that starts after the mount (repeatable)')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Serial number of the device; without one NAME:BYTES')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'File with the passphrase in its first line; - is stdin')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print the changes and make none; with client, make fewer checks in the store')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Directory of the journals of pending operations')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('--open', '--open', [CompletionResultType]::ParameterName, 'Leave the volume open, also without a mount point')
            [CompletionResult]::new('--persist', '--persist', [CompletionResultType]::ParameterName, 'Write a systemd unit and a line in /etc/fstab for every boot')
            [CompletionResult]::new('--in-place', '--in-place', [CompletionResultType]::ParameterName, 'Encrypt the file system on the device with its files')
            [CompletionResult]::new('--i-have-a-backup', '--i-have-a-backup', [CompletionResultType]::ParameterName, 'Confirm that the data have a backup, for --in-place')
            [CompletionResult]::new('--overwrite', '--overwrite', [CompletionResultType]::ParameterName, 'Destroy the contents of the device; asks for its serial number')
            [CompletionResult]::new('--passphrase', '--passphrase', [CompletionResultType]::ParameterName, 'Use a passphrase, and keep no key in the store')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;volume;open' {
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Mount it on PATH, or on the recorded mount point')
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'Device of the volume [default: the device with its header]')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'File with the passphrase; - is stdin')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Directory of the journals of pending operations')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('--read-only', '--read-only', [CompletionResultType]::ParameterName, 'Open it read-only')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Retry every 5 seconds until store and device are available')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;volume;close' {
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Directory of the journals of pending operations')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('--unmount', '--unmount', [CompletionResultType]::ParameterName, 'Unmount it first')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;volume;list' {
            [CompletionResult]::new('--node', '--node', [CompletionResultType]::ParameterName, 'Only volumes last used on NODE (this one: $(uname -n))')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Directory of the journals of pending operations')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;volume;status' {
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'Device of the volume; default: the one with its header')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Directory of the journals of pending operations')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;volume;check' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Check every file system mounted from a device, and all swap')
            [CompletionResult]::new('--data-dirs', '--data-dirs', [CompletionResultType]::ParameterName, 'Check the data directories of running engines')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;volume;rekey' {
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'Device of the volume [default: the device with its header]')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'File with the passphrase; - is stdin')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Directory of the journals of pending operations')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('--volume-key', '--volume-key', [CompletionResultType]::ParameterName, 'Reencrypt all data with a new volume key')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;volume;backup' {
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Also write a file for cryptsetup luksHeaderRestore')
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'Device of the volume [default: the device with its header]')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'File with the passphrase; - is stdin')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Directory of the journals of pending operations')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace an existing file')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;volume;test-recovery' {
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'Device of the volume [default: the device with its header]')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'File with the passphrase; - is stdin')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Directory of the journals of pending operations')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;volume;restore' {
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Serial number of the device; without one NAME:BYTES')
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'Device of the volume [default: the device with its header]')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'File with the passphrase; - is stdin')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Directory of the journals of pending operations')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;volume;erase' {
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Serial number of the device; without one NAME:BYTES')
            [CompletionResult]::new('--receipt', '--receipt', [CompletionResultType]::ParameterName, 'Also write the receipt to a file')
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'Device of the volume [default: the device with its header]')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'File with the passphrase; - is stdin')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Directory of the journals of pending operations')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('--keep-secret', '--keep-secret', [CompletionResultType]::ParameterName, 'Keep the volume''s Secret, which can restore it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;volume;resume' {
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Serial number of the device; without one NAME:BYTES')
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'Device of the volume [default: the device with its header]')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'File with the passphrase; - is stdin')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Directory of the journals of pending operations')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;volume;rollback' {
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Serial number of the device; without one NAME:BYTES')
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'Device of the volume [default: the device with its header]')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'File with the passphrase; - is stdin')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Directory of the journals of pending operations')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
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
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
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
            [CompletionResult]::new('rekey', 'rekey', [CompletionResultType]::ParameterValue, 'Replace the key that unlocks a volume, or reencrypt it')
            [CompletionResult]::new('backup', 'backup', [CompletionResultType]::ParameterValue, 'Copy the header of a volume to the store')
            [CompletionResult]::new('test-recovery', 'test-recovery', [CompletionResultType]::ParameterValue, 'Check that a volume can be recovered from the store')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Restore the header of a volume from the store')
            [CompletionResult]::new('erase', 'erase', [CompletionResultType]::ParameterValue, 'Make all data on a volume permanently unreadable')
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
            [CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'Address to listen on; repeatable')
            [CompletionResult]::new('--tls-cert', '--tls-cert', [CompletionResultType]::ParameterName, 'Certificate of this service with its chain, PEM')
            [CompletionResult]::new('--tls-key', '--tls-key', [CompletionResultType]::ParameterName, 'Private key of --tls-cert, PEM')
            [CompletionResult]::new('--tls-self', '--tls-self', [CompletionResultType]::ParameterName, 'Name or address for a certificate that the served CA issues; repeatable')
            [CompletionResult]::new('--auth', '--auth', [CompletionResultType]::ParameterName, 'Method by which clients authenticate to see the datastores')
            [CompletionResult]::new('--record-holders', '--record-holders', [CompletionResultType]::ParameterName, 'Keep in the store which client has which bundle')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Time to wait for a store that cannot be reached')
            [CompletionResult]::new('--access-log', '--access-log', [CompletionResultType]::ParameterName, 'Format of the access log on stderr, which leaves out health checks')
            [CompletionResult]::new('--max-connections', '--max-connections', [CompletionResultType]::ParameterName, 'Number of connections at a time; more wait until one is free')
            [CompletionResult]::new('--client-timeout', '--client-timeout', [CompletionResultType]::ParameterName, 'Time limit of a client to send a request or to read a response')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('--insecure-http', '--insecure-http', [CompletionResultType]::ParameterName, 'Serve plain HTTP to other machines, behind a proxy that speaks TLS')
            [CompletionResult]::new('--wait-for-ca', '--wait-for-ca', [CompletionResultType]::ParameterName, 'Start without a CA, and answer 503 until there is a valid one')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;manifests' {
            [CompletionResult]::new('--only', '--only', [CompletionResultType]::ParameterName, 'Parts to print [default: all that the other options ask for]')
            [CompletionResult]::new('--image', '--image', [CompletionResultType]::ParameterName, 'Image with ccx-sec as its entry point; best with its digest')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Prefix of the names of all objects')
            [CompletionResult]::new('--replicas', '--replicas', [CompletionResultType]::ParameterName, 'Number of pods that serve')
            [CompletionResult]::new('--kubernetes', '--kubernetes', [CompletionResultType]::ParameterName, 'Oldest version of Kubernetes to support')
            [CompletionResult]::new('--inventory', '--inventory', [CompletionResultType]::ParameterName, 'Nodes for the jobs renew and verify')
            [CompletionResult]::new('--mode', '--mode', [CompletionResultType]::ParameterName, 'Mode that the job verify requires; repeatable [default: all]')
            [CompletionResult]::new('--rotate-to', '--rotate-to', [CompletionResultType]::ParameterName, 'Phase to which the job rotate may carry the rotation')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'First 8 digits of the fingerprint that confirms --rotate-to; repeatable')
            [CompletionResult]::new('--volume', '--volume', [CompletionResultType]::ParameterName, 'Volume that the account for volumes may access; repeatable')
            [CompletionResult]::new('--tls-secret', '--tls-secret', [CompletionResultType]::ParameterName, 'Secret with the service''s certificate and key [default: NAME-tls]')
            [CompletionResult]::new('--tokens-secret', '--tokens-secret', [CompletionResultType]::ParameterName, 'Secret with the tokens of clients, in its key tokens, as serve --auth reads them')
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'Name of the service for clients, for --cert-manager; repeatable')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('--rotate', '--rotate', [CompletionResultType]::ParameterName, 'Add the job rotate, which carries a rotation of the CA on')
            [CompletionResult]::new('--insecure-http', '--insecure-http', [CompletionResultType]::ParameterName, 'Serve plain HTTP, behind a proxy that speaks TLS')
            [CompletionResult]::new('--record-holders', '--record-holders', [CompletionResultType]::ParameterName, 'Keep in the store which client has which bundle, by the names of the tokens')
            [CompletionResult]::new('--cert-manager', '--cert-manager', [CompletionResultType]::ParameterName, 'Add a cert-manager Issuer of this CA and a Certificate for the service')
            [CompletionResult]::new('--trust-manager', '--trust-manager', [CompletionResultType]::ParameterName, 'Add a trust-manager Bundle, which copies the bundle to every namespace')
            [CompletionResult]::new('--service-monitor', '--service-monitor', [CompletionResultType]::ParameterName, 'Add a ServiceMonitor of the Prometheus operator')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;doctor' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('--fix-hints', '--fix-hints', [CompletionResultType]::ParameterName, 'Print a remedy for each problem')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;config' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show each default and its origin')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ccx-sec;config;show' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;config;help' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show each default and its origin')
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
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;version' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file, as for kubectl')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Kubernetes namespace')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'Name of the CA: its Secret is NAME, its bundle NAME-bundle')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit [default: 30s for the store, 5s for each step with a server]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of data on stdout and of errors on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use of colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results that need attention, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each step on stderr')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt; fail if an answer is missing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ccx-sec;help' {
            [CompletionResult]::new('ca', 'ca', [CompletionResultType]::ParameterValue, 'Create, show, check and distribute the CA')
            [CompletionResult]::new('cert', 'cert', [CompletionResultType]::ParameterValue, 'Issue, renew, list and inspect certificates')
            [CompletionResult]::new('snippet', 'snippet', [CompletionResultType]::ParameterValue, 'Print TLS settings of servers, accounts and clients')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Connect to servers as clients do and check the TLS modes')
            [CompletionResult]::new('volume', 'volume', [CompletionResultType]::ParameterValue, 'Encrypt, open, check and erase volumes')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Serve the CA by HTTP: an API and a download page')
            [CompletionResult]::new('manifests', 'manifests', [CompletionResultType]::ParameterValue, 'Print Kubernetes manifests that run ccx-sec')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Check this machine and the cluster for missing parts')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Show the defaults of options')
            [CompletionResult]::new('completion', 'completion', [CompletionResultType]::ParameterValue, 'Print the completion script of a shell')
            [CompletionResult]::new('version', 'version', [CompletionResultType]::ParameterValue, 'Print the version and its commit')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ccx-sec;help;ca' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Create a self-signed CA and store it')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the CA''s certificate, its store and its bundle')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check that the CA exists, is valid and does not expire soon')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Export the CA certificates that clients have to trust')
            [CompletionResult]::new('fetch', 'fetch', [CompletionResultType]::ParameterValue, 'Download the CA certificates and check their fingerprints')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Store a CA that was created elsewhere')
            [CompletionResult]::new('renew', 'renew', [CompletionResultType]::ParameterValue, 'Renew the CA certificate, with the same name and key')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Rotate the CA to a new key and name, in phases')
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
        'ccx-sec;help;ca;rotate' {
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Simulate a rotation: what would break, and when')
            [CompletionResult]::new('start', 'start', [CompletionResultType]::ParameterValue, 'Make the next CA and put it into the bundle')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show the phase of the rotation, and the next step')
            [CompletionResult]::new('advance', 'advance', [CompletionResultType]::ParameterValue, 'Prove what the next phase demands, and enter it')
            [CompletionResult]::new('pause', 'pause', [CompletionResultType]::ParameterValue, 'Stop further nodes from taking a new certificate')
            [CompletionResult]::new('resume', 'resume', [CompletionResultType]::ParameterValue, 'Let nodes take new certificates again, after a pause')
            [CompletionResult]::new('rollback', 'rollback', [CompletionResultType]::ParameterValue, 'Go back to the old CA, from any phase until forget')
            [CompletionResult]::new('forget', 'forget', [CompletionResultType]::ParameterValue, 'Delete the old key: after this, nothing goes back')
            break
        }
        'ccx-sec;help;ca;rotate;plan' {
            break
        }
        'ccx-sec;help;ca;rotate;start' {
            break
        }
        'ccx-sec;help;ca;rotate;status' {
            break
        }
        'ccx-sec;help;ca;rotate;advance' {
            break
        }
        'ccx-sec;help;ca;rotate;pause' {
            break
        }
        'ccx-sec;help;ca;rotate;resume' {
            break
        }
        'ccx-sec;help;ca;rotate;rollback' {
            break
        }
        'ccx-sec;help;ca;rotate;forget' {
            break
        }
        'ccx-sec;help;cert' {
            [CompletionResult]::new('issue', 'issue', [CompletionResultType]::ParameterValue, 'Issue certificates for a node, a client or a fleet')
            [CompletionResult]::new('sign', 'sign', [CompletionResultType]::ParameterValue, 'Sign a certificate request (PKCS#10)')
            [CompletionResult]::new('renew', 'renew', [CompletionResultType]::ParameterValue, 'Renew certificates that are due')
            [CompletionResult]::new('needs-renewal', 'needs-renewal', [CompletionResultType]::ParameterValue, 'Check whether certificates are due for renewal')
            [CompletionResult]::new('install', 'install', [CompletionResultType]::ParameterValue, 'Install a certificate in a running server and turn TLS on')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List issued certificates by datastore and node')
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Show the certificates of a file, a server or a Secret')
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
            [CompletionResult]::new('server', 'server', [CompletionResultType]::ParameterValue, 'Print settings that make a server demand TLS')
            [CompletionResult]::new('users', 'users', [CompletionResultType]::ParameterValue, 'Print statements that make accounts demand TLS')
            [CompletionResult]::new('client', 'client', [CompletionResultType]::ParameterValue, 'Print the TLS settings of a client')
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
            [CompletionResult]::new('rekey', 'rekey', [CompletionResultType]::ParameterValue, 'Replace the key that unlocks a volume, or reencrypt it')
            [CompletionResult]::new('backup', 'backup', [CompletionResultType]::ParameterValue, 'Copy the header of a volume to the store')
            [CompletionResult]::new('test-recovery', 'test-recovery', [CompletionResultType]::ParameterValue, 'Check that a volume can be recovered from the store')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Restore the header of a volume from the store')
            [CompletionResult]::new('erase', 'erase', [CompletionResultType]::ParameterValue, 'Make all data on a volume permanently unreadable')
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
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show each default and its origin')
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
