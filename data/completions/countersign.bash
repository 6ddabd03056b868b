# SPDX-License-Identifier: MIT
# Completion of countersign(1) for bash. Asks the broker nothing: names and requests need the PIN.

# The options of a command, with a blank in its name where it is in a group.
_countersign_options () {
  case $1 in
    init) echo --memory --accept-policy ;;
    unlock) echo --for --new-trail ;;
    'key add') echo --name ;;
    'caller add') echo --for ;;
    'caller trust') echo --name --audience --network ;;
    serve) echo --tty --plain --for --new-trail ;;
    'secret set') echo --file --raw --new --tag ;;
    'secret generate') echo --length --characters --new ;;
    'secret show') echo --reveal ;;
    approve) echo --scope --for --uses --holder --always --once --plain ;;
    deny) echo --reason --for ;;
    revoke) echo --all ;;
    'policy check') echo --names ;;
    'policy apply') echo --diff ;;
    'policy explain') echo --all --proposed --policy ;;
    'policy replay') echo --since --policy --all ;;
    'policy test') echo --policy --system ;;
    'service add') echo --credential --base --network --as ;;
    'service list') echo --presets ;;
    login) echo --scope --name --device --no-browser --setup --status ;;
    aws-credentials) echo --role --provider --scope --duration --purpose ;;
    run) echo --secret --env-file --sandbox --write --service --purpose ;;
    inject) echo --input --output ;;
    'token verify') echo --file ;;
    'ssh-ca krl') echo --output ;;
    'audit list') echo --since --until --requester --operation --resource --decision --event --request --last --reverse --csv --no-names ;;
    'audit follow') echo --requester --operation --resource --decision --event --request --last --no-names ;;
    'audit show') echo --no-names ;;
    'audit stats') echo --since --until --no-names ;;
    'audit verify') echo --key --public-key --checkpoint ;;
    'audit export') echo --since --until --with-key --checkpoint --output --to --follow --name --sealed --tls-ca --tls-certificate --tls-key ;;
    'audit export-key') echo --output ;;
    mcp) echo --tools --capabilities --hold --verbose --print-config --http --tls-certificate --tls-key --host --resource --verifiers-only ;;
  esac
}

_countersign_operations='list_secrets get_secret reveal store_secret update_secret delete_secret mint_token revoke_token
  http_request run_command launch oauth_login aws_credentials github_token ssh_certificate'

# The words that may follow @1: commands, or those of a group.
_countersign_commands () {
  case $1 in
    '') echo init unlock serve lock status doctor panic passwd pin secret pending approve deny ui grants revoke rules key caller policy \
      service login logout provider run aws-credentials read inject token ssh-ca audit mcp ;;
    secret) echo set list show rm mv generate ;;
    rules) echo rm ;;
    key) echo add list rm ;;
    caller) echo add list rm trust ;;
    policy) echo check apply explain replay show test ;;
    service) echo add list show rm test ;;
    provider) echo list show ;;
    token) echo list verify revoke keys rotate ;;
    ssh-ca) echo show list krl revoke ;;
    audit) echo list follow show stats verify retention export export-key ;;
  esac
}

_countersign () {
  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command='' i
  COMPREPLY=()

  case $previous in
    --socket | --file | --key | --public-key | --checkpoint | --output | --input | --tls-ca | --tls-certificate | --tls-key | --env-file | --write | -i | -o) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    --policy) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    --state-dir) mapfile -t COMPREPLY < <(compgen -d -- "$word"); return ;;
    --to) mapfile -t COMPREPLY < <(compgen -W 'journald syslog' -- "$word"); return ;;
    --decision) mapfile -t COMPREPLY < <(compgen -W 'held granted denied expired failed policy person' -- "$word"); return ;;
    --tools) mapfile -t COMPREPLY < <(compgen -W 'countersign opaquevault vouch' -- "$word"); return ;;
    --capabilities) mapfile -t COMPREPLY < <(compgen -W 'read use write reveal mint' -- "$word"); return ;;
    --print-config) mapfile -t COMPREPLY < <(compgen -W 'claude-code claude-desktop cursor vscode codex gemini zed' -- "$word"); return ;;
    --characters) mapfile -t COMPREPLY < <(compgen -W 'alnum hex ascii' -- "$word"); return ;;
    --network) mapfile -t COMPREPLY < <(compgen -W 'public private loopback' -- "$word"); return ;;
    --for) mapfile -t COMPREPLY < <(compgen -W '1m 5m 15m 1h 8h' -- "$word"); return ;;
    --pin-fd | --passphrase-fd | --tag | --length | --scope | --uses | --holder | --name | --reason | \
      --event | --request | --since | --until | --last | --secret | --purpose | --credential | --base | --as | --service | \
      --role | --provider | --duration) return ;;
  esac

  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      --socket | --state-dir | --pin-fd | --passphrase-fd | --policy | --secret | --env-file | --write | --service | --purpose | --scope | --name | \
        --role | --provider | --duration) ((i++)) ;;
      -*) ;;
      *)
        command=${command:+$command }${COMP_WORDS[i]}
        case $command in secret | rules | key | caller | policy | service | provider | token | ssh-ca | audit) ;; *) break ;; esac ;;
    esac
  done

  # What follows the command's own options is the other program, and its arguments.
  if [[ $command == run ]] && ((i < COMP_CWORD)) && [[ " ${COMP_WORDS[*]:i + 1:COMP_CWORD - i - 1} " == *' -- '* ]]; then
    if [[ $word == */* ]]; then
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
    else
      mapfile -t COMPREPLY < <(compgen -c -f -- "$word")
    fi
  elif [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$(_countersign_options "$command") --json --socket --state-dir --pin-fd \
      --passphrase-fd --help --version" -- "$word")
  elif [[ $command == 'policy check' || $command == 'policy test' ]]; then
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
  elif [[ $command == 'policy explain' ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$_countersign_operations" -- "$word")
  elif [[ $command == run ]]; then
    mapfile -t COMPREPLY < <(compgen -c -- "$word")
  elif [[ $command == 'service add' ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$(countersign service list --presets 2>/dev/null | sed '1d; s/ .*//')" -- "$word")
  elif [[ $command == login ]]; then
    mapfile -t COMPREPLY < <(compgen -W 'github google azure okta oauth2 aws github-app vouch ssh-ca issuer' -- "$word")
  elif [[ $command == 'audit retention' ]]; then
    mapfile -t COMPREPLY < <(compgen -W 'forever' -- "$word")
  elif [[ $command == 'audit verify' || $command == 'audit export' ]]; then
    mapfile -t COMPREPLY < <(compgen -d -- "$word")
  else
    mapfile -t COMPREPLY < <(compgen -W "$(_countersign_commands "$command")" -- "$word")
  fi
}

complete -F _countersign countersign
