# SPDX-License-Identifier: MIT
# Completion of countersign(1) for fish. Asks the broker nothing: names and requests need the PIN.

set -l commands init unlock serve lock status doctor panic passwd pin secret pending approve deny ui grants revoke rules key caller policy service login logout provider run aws-credentials read inject token ssh-ca audit mcp
set -l secret set list show rm mv generate
set -l rules rm
set -l key add list rm
set -l caller add list rm trust
set -l policy check apply explain replay show test
set -l service add list show rm test
set -l provider list show
set -l token list verify revoke keys rotate
set -l ssh_ca show list krl revoke
set -l audit list follow show stats verify retention export export-key

complete -c countersign -f
complete -c countersign -l json -d 'Print JSON'
complete -c countersign -l socket -r -F -d 'The human.sock of the broker'
complete -c countersign -l state-dir -x -a '(__fish_complete_directories)' -d 'Keep everything below this folder'
complete -c countersign -l pin-fd -x -d 'Read the PIN from a descriptor'
complete -c countersign -l passphrase-fd -x -d 'Read the passphrase from a descriptor'
complete -c countersign -s h -l help -d 'Show help'
complete -c countersign -l version -d 'Show the version'

function __countersign_needs -a command
    __fish_seen_subcommand_from $command; and not __fish_seen_subcommand_from $argv[2..-1]
end

complete -c countersign -n "not __fish_seen_subcommand_from $commands" -a init -d 'Make the store'
complete -c countersign -n "not __fish_seen_subcommand_from $commands" -a unlock -d 'Open the store with the passphrase'
complete -c countersign -n "not __fish_seen_subcommand_from $commands" -a serve -d 'Unlock, and lock when this ends'
complete -c countersign -n "not __fish_seen_subcommand_from $commands" -a lock -d 'Wipe the keys from memory'
complete -c countersign -n "not __fish_seen_subcommand_from $commands" -a status -d 'Show how the broker is doing'
complete -c countersign -n "not __fish_seen_subcommand_from $commands" -a doctor -d 'Check this machine'
complete -c countersign -n "not __fish_seen_subcommand_from $commands" -a panic -d 'Revoke everything and lock'
complete -c countersign -n "not __fish_seen_subcommand_from $commands" -a passwd -d 'Change the passphrase'
complete -c countersign -n "not __fish_seen_subcommand_from $commands" -a pin -d 'Set a new PIN'
complete -c countersign -n "not __fish_seen_subcommand_from $commands" -a secret -d 'Store, list, show, delete secrets'
complete -c countersign -n "not __fish_seen_subcommand_from $commands" -a pending -d 'List what waits for a person'
complete -c countersign -n "not __fish_seen_subcommand_from $commands" -a approve -d 'Answer requests'
complete -c countersign -n "not __fish_seen_subcommand_from $commands" -a deny -d 'Deny a request'
complete -c countersign -n "not __fish_seen_subcommand_from $commands" -a ui -d 'Show the window'
complete -c countersign -n "not __fish_seen_subcommand_from $commands" -a grants -d 'List the live grants'
complete -c countersign -n "not __fish_seen_subcommand_from $commands" -a revoke -d 'End grants'
complete -c countersign -n "not __fish_seen_subcommand_from $commands" -a rules -d 'List or delete standing rules'
complete -c countersign -n "not __fish_seen_subcommand_from $commands" -a key -d 'Enrol and remove security keys'
complete -c countersign -n "not __fish_seen_subcommand_from $commands" -a caller -d 'Say who may call over HTTP'
complete -c countersign -n "not __fish_seen_subcommand_from $commands" -a policy -d 'Check and accept the policy'
complete -c countersign -n "not __fish_seen_subcommand_from $commands" -a service -d 'Say where credentials may be sent, and for what'
complete -c countersign -n "not __fish_seen_subcommand_from $commands" -a login -d 'Log in to a provider'
complete -c countersign -n "not __fish_seen_subcommand_from $commands" -a logout -d 'End a login'
complete -c countersign -n "not __fish_seen_subcommand_from $commands" -a provider -d 'List or show the accepted providers'
complete -c countersign -n "not __fish_seen_subcommand_from $commands" -a aws-credentials -d 'Print credentials for an AWS role'
complete -c countersign -n "not __fish_seen_subcommand_from $commands" -a run -d 'Start a program with secrets in its environment'
complete -c countersign -n "not __fish_seen_subcommand_from $commands" -a read -d 'Print the values that references stand for'
complete -c countersign -n "not __fish_seen_subcommand_from $commands" -a inject -d 'Put values into a template'
complete -c countersign -n "not __fish_seen_subcommand_from $commands" -a token -d 'List, verify and revoke minted tokens'
complete -c countersign -n "not __fish_seen_subcommand_from $commands" -a ssh-ca -d 'Sign SSH certificates, list and revoke them'
complete -c countersign -n "not __fish_seen_subcommand_from $commands" -a audit -d 'Read and prove the audit trail'
complete -c countersign -n "not __fish_seen_subcommand_from $commands" -a mcp -d 'Serve MCP on standard input and output'

complete -c countersign -n "__countersign_needs secret $secret" -a "$secret"
complete -c countersign -n "__countersign_needs rules $rules" -a "$rules"
complete -c countersign -n "__countersign_needs key $key" -a "$key"
complete -c countersign -n "__countersign_needs caller $caller" -a "$caller"
complete -c countersign -n "__countersign_needs policy $policy" -a "$policy"
complete -c countersign -n "__countersign_needs service $service" -a "$service"
complete -c countersign -n "__countersign_needs provider $provider" -a "$provider"
complete -c countersign -n "__countersign_needs token $token" -a "$token"
complete -c countersign -n "__countersign_needs ssh-ca $ssh_ca" -a "$ssh_ca"
complete -c countersign -n "__countersign_needs audit $audit" -a "$audit"

complete -c countersign -n '__fish_seen_subcommand_from audit; and __fish_seen_subcommand_from retention' -a forever
complete -c countersign -n '__fish_seen_subcommand_from token; and __fish_seen_subcommand_from verify' -l file -r -F -d 'Read the token from a file'
complete -c countersign -n '__fish_seen_subcommand_from ssh-ca; and __fish_seen_subcommand_from krl' -s o -l output -r -F -d 'Write to this file'
complete -c countersign -n '__fish_seen_subcommand_from init' -l memory -d 'Keep the store in memory'
complete -c countersign -n '__fish_seen_subcommand_from init' -l accept-policy -d 'Begin with the policy that is there'
complete -c countersign -n '__fish_seen_subcommand_from unlock serve' -l for -x -a '1h 8h' -d 'Lock again after so long'
complete -c countersign -n '__fish_seen_subcommand_from unlock serve' -l new-trail -d 'Put a damaged audit trail aside'
complete -c countersign -n '__fish_seen_subcommand_from serve' -l tty -d 'Answer requests in this terminal'
complete -c countersign -n '__fish_seen_subcommand_from approve serve' -l plain -d 'In lines, not on the whole screen'
complete -c countersign -n '__fish_seen_subcommand_from set' -l file -r -F -d 'Read the value from a file'
complete -c countersign -n '__fish_seen_subcommand_from set' -l raw -d 'Keep a newline at the end'
complete -c countersign -n '__fish_seen_subcommand_from set generate' -l new -d 'Refuse when there is one already'
complete -c countersign -n '__fish_seen_subcommand_from set' -l tag -x -d 'Add a tag: KEY=VALUE'
complete -c countersign -n '__fish_seen_subcommand_from generate' -l length -x -d 'How many characters'
complete -c countersign -n '__fish_seen_subcommand_from generate' -l characters -x -a 'alnum hex ascii' -d 'Which characters'
complete -c countersign -n '__fish_seen_subcommand_from show; and __fish_seen_subcommand_from secret' -l reveal -d 'Print the value itself'
complete -c countersign -n '__fish_seen_subcommand_from caller; and __fish_seen_subcommand_from add' -l for -x -a '8h 30d' -d 'How long it is good for'
complete -c countersign -n '__fish_seen_subcommand_from caller; and __fish_seen_subcommand_from trust' -l name -x -d 'Call it NAME in the policy'
complete -c countersign -n '__fish_seen_subcommand_from caller; and __fish_seen_subcommand_from trust' -l audience -x -a 'resource none' -d 'Whom its tokens must be for'
complete -c countersign -n '__fish_seen_subcommand_from caller; and __fish_seen_subcommand_from trust' -l network -x -a 'public private loopback' -d 'Where its address may be'
complete -c countersign -n '__fish_seen_subcommand_from key; and __fish_seen_subcommand_from add' -l name -x -d 'What to call it'
complete -c countersign -n '__fish_seen_subcommand_from check' -F
complete -c countersign -n '__fish_seen_subcommand_from policy; and __fish_seen_subcommand_from check' -l names -d 'Look for names that no secret has'
complete -c countersign -n '__fish_seen_subcommand_from policy; and __fish_seen_subcommand_from apply' -l diff -d 'Show how the text differs, however long'
complete -c countersign -n '__fish_seen_subcommand_from explain' -l all -d 'Show each rule'
complete -c countersign -n '__fish_seen_subcommand_from explain' -l proposed -d 'About the files in the configuration folder'
complete -c countersign -n '__fish_seen_subcommand_from explain' -l policy -r -F -d 'About this file'
complete -c countersign -n '__fish_seen_subcommand_from replay' -l since -x -d 'Not before this time'
complete -c countersign -n '__fish_seen_subcommand_from replay' -l policy -r -F -d 'Under this file'
complete -c countersign -n '__fish_seen_subcommand_from replay' -l all -d 'Show each change'
complete -c countersign -n '__fish_seen_subcommand_from policy; and __fish_seen_subcommand_from test' -F
complete -c countersign -n '__fish_seen_subcommand_from policy; and __fish_seen_subcommand_from test' -l policy -r -F -d 'Test this file'
complete -c countersign -n '__fish_seen_subcommand_from policy; and __fish_seen_subcommand_from test' -l system -d 'As where the broker has a user of its own'
complete -c countersign -n '__fish_seen_subcommand_from approve' -l scope -x -d 'Grant this scope and no other'
complete -c countersign -n '__fish_seen_subcommand_from approve' -l for -x -a '1m 5m 15m 1h' -d 'Grant for so long'
complete -c countersign -n '__fish_seen_subcommand_from approve' -l uses -x -d 'Grant so many uses'
complete -c countersign -n '__fish_seen_subcommand_from approve' -l holder -x -d 'Who holds the grant'
complete -c countersign -n '__fish_seen_subcommand_from approve' -l always -d 'Also make the standing rule'
complete -c countersign -n '__fish_seen_subcommand_from approve' -l once -d 'Leave after one answer'
complete -c countersign -n '__fish_seen_subcommand_from deny' -l reason -x -d 'Tell the agent why'
complete -c countersign -n '__fish_seen_subcommand_from deny' -l for -x -a '10m 1h' -d 'Deny the same for so long'
complete -c countersign -n '__fish_seen_subcommand_from revoke' -l all -d 'End every grant'
complete -c countersign -n '__fish_seen_subcommand_from service; and __fish_seen_subcommand_from add' -a '(command -q countersign; and countersign service list --presets 2>/dev/null | tail -n +2 | string replace -r " .*" "")' -d 'Preset'
complete -c countersign -n '__fish_seen_subcommand_from service; and __fish_seen_subcommand_from add' -l credential -x -d 'The secret that it sends'
complete -c countersign -n '__fish_seen_subcommand_from service; and __fish_seen_subcommand_from add' -l base -x -d 'Where it is'
complete -c countersign -n '__fish_seen_subcommand_from service; and __fish_seen_subcommand_from add' -l network -x -a 'public private loopback' -d 'Where its address may be'
complete -c countersign -n '__fish_seen_subcommand_from service; and __fish_seen_subcommand_from add' -l as -x -d 'What to call it'
complete -c countersign -n '__fish_seen_subcommand_from service; and __fish_seen_subcommand_from list' -l presets -d 'Those that come with the program'
complete -c countersign -n '__fish_seen_subcommand_from run' -l secret -x -d 'Give it this secret'
complete -c countersign -n '__fish_seen_subcommand_from run' -l env-file -r -F -d 'Set the variables of this file'
complete -c countersign -n '__fish_seen_subcommand_from run' -l sandbox -d 'Start it confined'
complete -c countersign -n '__fish_seen_subcommand_from run' -l write -r -F -d 'Let it write this'
complete -c countersign -n '__fish_seen_subcommand_from run' -l service -x -d 'Let it reach this service'
complete -c countersign -n '__fish_seen_subcommand_from run' -l purpose -x -d 'Say what for'
complete -c countersign -n '__fish_seen_subcommand_from run' -x -a '(__fish_complete_subcommand)'
complete -c countersign -n '__fish_seen_subcommand_from inject' -s i -l input -r -F -d 'The template'
complete -c countersign -n '__fish_seen_subcommand_from inject' -s o -l output -r -F -d 'Write to this file'
complete -c countersign -n '__fish_seen_subcommand_from audit; and __fish_seen_subcommand_from list follow' -l event -x -d 'Only of this event'
complete -c countersign -n '__fish_seen_subcommand_from audit; and __fish_seen_subcommand_from list follow' -l request -x -d 'Only of this request or grant'
complete -c countersign -n '__fish_seen_subcommand_from audit; and __fish_seen_subcommand_from list follow' -l requester -x -d 'Only of this program, subject, caller or pid'
complete -c countersign -n '__fish_seen_subcommand_from audit; and __fish_seen_subcommand_from list follow' -l operation -x -d 'Only of this operation'
complete -c countersign -n '__fish_seen_subcommand_from audit; and __fish_seen_subcommand_from list follow' -l resource -x -d 'Only of this name'
complete -c countersign -n '__fish_seen_subcommand_from audit; and __fish_seen_subcommand_from list follow' -l decision -x -a 'held granted denied expired failed policy person' -d 'Only this decision'
complete -c countersign -n '__fish_seen_subcommand_from audit; and __fish_seen_subcommand_from list stats' -l since -x -d 'Not before this time'
complete -c countersign -n '__fish_seen_subcommand_from audit; and __fish_seen_subcommand_from list stats' -l until -x -d 'Not after this time'
complete -c countersign -n '__fish_seen_subcommand_from audit; and __fish_seen_subcommand_from list follow' -s n -l last -x -d 'Only the newest'
complete -c countersign -n '__fish_seen_subcommand_from audit; and __fish_seen_subcommand_from list' -l reverse -d 'Newest first'
complete -c countersign -n '__fish_seen_subcommand_from audit; and __fish_seen_subcommand_from list' -l csv -d 'Comma-separated values'
complete -c countersign -n '__fish_seen_subcommand_from audit; and __fish_seen_subcommand_from list follow show stats' -l no-names -d 'Names stay sealed'
complete -c countersign -n '__fish_seen_subcommand_from verify' -l key -r -F -d 'Check MACs with this key'
complete -c countersign -n '__fish_seen_subcommand_from verify' -l public-key -r -F -d 'Check signatures from this key on'
complete -c countersign -n '__fish_seen_subcommand_from verify' -l checkpoint -r -F -d 'What must be there'
complete -c countersign -n '__fish_seen_subcommand_from verify' -x -a '(__fish_complete_directories)'
complete -c countersign -n '__fish_seen_subcommand_from export' -l since -x -d 'Only files of this time or later'
complete -c countersign -n '__fish_seen_subcommand_from export' -l until -x -d 'Only files of this time or earlier'
complete -c countersign -n '__fish_seen_subcommand_from export' -l with-key -d 'Copy the first key too'
complete -c countersign -n '__fish_seen_subcommand_from export' -l checkpoint -d 'Write only what the trail ends with'
complete -c countersign -n '__fish_seen_subcommand_from export' -s o -l output -r -F -d 'A new file'
complete -c countersign -n '__fish_seen_subcommand_from export' -x -a '(__fish_complete_directories)'
complete -c countersign -n '__fish_seen_subcommand_from export' -l to -x -a 'journald syslog' -d 'Send the records there'
complete -c countersign -n '__fish_seen_subcommand_from export' -l follow -d 'Go on with what is written later'
complete -c countersign -n '__fish_seen_subcommand_from export' -l name -x -d 'What to call the sink'
complete -c countersign -n '__fish_seen_subcommand_from export' -l sealed -d 'Send what is sealed too, sealed'
complete -c countersign -n '__fish_seen_subcommand_from export' -l tls-ca -r -F -d 'Authorities'
complete -c countersign -n '__fish_seen_subcommand_from export' -l tls-certificate -r -F -d 'Our own certificate'
complete -c countersign -n '__fish_seen_subcommand_from export' -l tls-key -r -F -d 'Its key'
complete -c countersign -n '__fish_seen_subcommand_from export-key' -s o -l output -r -F -d 'A new file'
complete -c countersign -n '__fish_seen_subcommand_from login' -a 'github google azure okta oauth2 aws github-app vouch ssh-ca issuer' -d 'Provider'
complete -c countersign -n '__fish_seen_subcommand_from login' -l scope -x -d 'Ask for this scope'
complete -c countersign -n '__fish_seen_subcommand_from login' -l name -x -d 'Keep the token as this secret'
complete -c countersign -n '__fish_seen_subcommand_from login' -l device -d 'By a code, in a browser on any machine'
complete -c countersign -n '__fish_seen_subcommand_from login' -l no-browser -d 'Open no browser'
complete -c countersign -n '__fish_seen_subcommand_from login' -l setup -d 'Register at the provider, step by step'
complete -c countersign -n '__fish_seen_subcommand_from login' -l status -d 'Show what is logged in'
complete -c countersign -n '__fish_seen_subcommand_from aws-credentials' -l role -x -d 'The role to take on'
complete -c countersign -n '__fish_seen_subcommand_from aws-credentials' -l provider -x -d 'From this provider'
complete -c countersign -n '__fish_seen_subcommand_from aws-credentials' -l scope -x -d 'Ask for no more than this'
complete -c countersign -n '__fish_seen_subcommand_from aws-credentials' -l duration -x -a '15m 1h' -d 'Ask for so long'
complete -c countersign -n '__fish_seen_subcommand_from aws-credentials' -l purpose -x -d 'Say what for'
complete -c countersign -n "__fish_seen_subcommand_from mcp" -l tools -x -a 'countersign opaquevault vouch' -d 'Offer these tools'
complete -c countersign -n "__fish_seen_subcommand_from mcp" -l capabilities -x -a 'read use write reveal mint' -d 'Offer no more than these'
complete -c countersign -n "__fish_seen_subcommand_from mcp" -l hold -x -d 'Wait so long for a person, in seconds'
complete -c countersign -n "__fish_seen_subcommand_from mcp" -l verbose -d 'Tell what happens'
complete -c countersign -n "__fish_seen_subcommand_from mcp" -l print-config -x -a 'claude-code claude-desktop cursor vscode codex gemini zed' -d 'Print what goes into the file of a client'
complete -c countersign -n "__fish_seen_subcommand_from mcp" -l http -x -d 'Serve MCP over the network, at this address and port'
complete -c countersign -n "__fish_seen_subcommand_from mcp" -l tls-certificate -r -F -d 'With this certificate'
complete -c countersign -n "__fish_seen_subcommand_from mcp" -l tls-key -r -F -d 'And its key'
complete -c countersign -n "__fish_seen_subcommand_from mcp" -l host -x -d 'A name that it is called by'
complete -c countersign -n "__fish_seen_subcommand_from mcp" -l resource -x -d 'The address that clients call and tokens are for'
complete -c countersign -n "__fish_seen_subcommand_from mcp" -l verifiers-only -d 'No MCP'
