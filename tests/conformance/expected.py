# SPDX-License-Identifier: MIT
"""The scenarios of each suite, and how many of their checks pass: all that are made.

A scenario that is new, gone or makes fewer checks than here is a failure: look at what changed in the suite, then write it down.
"""

# Name: the npm package, its arguments, and the checks that pass in each scenario.
SUITES = {
    '2025-11-25': ('conformance-next', ['--requirements', '2025-11-25'], {
        'completion-complete': 2, 'dns-rebinding-protection': 2, 'elicitation-sep1034-defaults': 6,
        'elicitation-sep1330-enums': 6, 'json-schema-2020-12': 8, 'logging-set-level': 2, 'ping': 2,
        'prompts-get-embedded-resource': 2, 'prompts-get-simple': 2, 'prompts-get-with-args': 2, 'prompts-get-with-image': 2,
        'prompts-list': 2, 'resources-list': 2, 'resources-read-binary': 2, 'resources-read-text': 2,
        'resources-subscribe': 2, 'resources-templates-read': 2, 'resources-unsubscribe': 2, 'server-initialize': 3,
        'server-session-lifecycle': 3, 'server-sse-multiple-streams': 1, 'server-sse-polling': 3, 'tools-call-audio': 2,
        'tools-call-elicitation': 2, 'tools-call-embedded-resource': 2, 'tools-call-error': 2, 'tools-call-image': 2,
        'tools-call-mixed-content': 2, 'tools-call-sampling': 2, 'tools-call-simple-text': 2, 'tools-call-with-logging': 2,
        'tools-call-with-progress': 2, 'tools-list': 3,
    }),
    '2026-07-28': ('conformance-next', ['--requirements', '2026-07-28'], {
        'caching': 8, 'completion-complete': 2, 'dns-rebinding-protection': 2, 'http-custom-header-server-validation': 10,
        'http-header-validation': 14, 'input-required-result-basic-elicitation': 3,
        'input-required-result-basic-list-roots': 3, 'input-required-result-basic-sampling': 3,
        'input-required-result-capability-check': 2, 'input-required-result-ignore-extra-params': 2,
        'input-required-result-missing-input-response': 2, 'input-required-result-multi-round': 4,
        'input-required-result-multiple-input-requests': 3, 'input-required-result-non-tool-request': 3,
        'input-required-result-request-state': 3, 'input-required-result-result-type': 2,
        'input-required-result-tampered-state': 2, 'input-required-result-unsupported-methods': 2,
        'input-required-result-validate-input': 3, 'json-schema-2020-12': 8, 'prompts-get-embedded-resource': 2,
        'prompts-get-simple': 2, 'prompts-get-with-args': 2, 'prompts-get-with-image': 2, 'prompts-list': 2,
        'resources-list': 2, 'resources-read-binary': 2, 'resources-read-text': 2, 'resources-templates-read': 2,
        'sep-2164-resource-not-found': 4, 'server-sse-multiple-streams': 1, 'server-stateless': 30,
        'tasks-capability-negotiation': 5, 'tasks-dispatch-and-envelope': 9, 'tasks-lifecycle': 9,
        'tasks-mrtr-composition': 2, 'tasks-mrtr-input': 4, 'tasks-request-headers': 5, 'tasks-request-state-removal': 3,
        'tasks-required-task-error': 3, 'tasks-status-notifications': 0, 'tasks-wire-fields': 4, 'tools-call-audio': 2,
        'tools-call-embedded-resource': 2, 'tools-call-error': 2, 'tools-call-image': 2, 'tools-call-mixed-content': 2,
        'tools-call-simple-text': 2, 'tools-call-with-progress': 2, 'tools-list': 4,
    }),
    'all': ('conformance-next', ['--suite', 'all'], {
        'caching': 8, 'completion-complete': 2, 'dns-rebinding-protection': 2, 'elicitation-sep1034-defaults': 6,
        'elicitation-sep1330-enums': 6, 'http-custom-header-server-validation': 10, 'http-header-validation': 14,
        'input-required-result-basic-elicitation': 3, 'input-required-result-basic-list-roots': 3,
        'input-required-result-basic-sampling': 3, 'input-required-result-capability-check': 2,
        'input-required-result-ignore-extra-params': 2, 'input-required-result-missing-input-response': 2,
        'input-required-result-multi-round': 4, 'input-required-result-multiple-input-requests': 3,
        'input-required-result-non-tool-request': 3, 'input-required-result-request-state': 3,
        'input-required-result-result-type': 2, 'input-required-result-tampered-state': 2,
        'input-required-result-unsupported-methods': 2, 'input-required-result-validate-input': 3, 'json-schema-2020-12': 8,
        'logging-set-level': 2, 'ping': 2, 'prompts-get-embedded-resource': 2, 'prompts-get-simple': 2,
        'prompts-get-with-args': 2, 'prompts-get-with-image': 2, 'prompts-list': 2, 'resources-list': 2,
        'resources-read-binary': 2, 'resources-read-text': 2, 'resources-subscribe': 2, 'resources-templates-read': 2,
        'resources-unsubscribe': 2, 'sep-2164-resource-not-found': 4, 'sep-2640-skills-directory': 1,
        'sep-2640-skills-enumeration': 1, 'sep-2640-skills-manifest': 1, 'server-initialize': 3,
        'server-session-lifecycle': 3, 'server-sse-multiple-streams': 1, 'server-sse-polling': 3, 'server-stateless': 30,
        'tasks-capability-negotiation': 5, 'tasks-dispatch-and-envelope': 9, 'tasks-lifecycle': 9,
        'tasks-mrtr-composition': 2, 'tasks-mrtr-input': 4, 'tasks-request-headers': 5, 'tasks-request-state-removal': 3,
        'tasks-required-task-error': 3, 'tasks-status-notifications': 0, 'tasks-wire-fields': 4, 'tools-call-audio': 2,
        'tools-call-elicitation': 2, 'tools-call-embedded-resource': 2, 'tools-call-error': 2, 'tools-call-image': 2,
        'tools-call-mixed-content': 2, 'tools-call-sampling': 2, 'tools-call-simple-text': 2, 'tools-call-with-logging': 2,
        'tools-call-with-progress': 2, 'tools-list': 3,
    }),
    '0.1.16': ('conformance', ['--suite', 'all'], {
        'completion-complete': 1, 'dns-rebinding-protection': 2, 'elicitation-sep1034-defaults': 5,
        'elicitation-sep1330-enums': 5, 'json-schema-2020-12': 4, 'logging-set-level': 1, 'ping': 1,
        'prompts-get-embedded-resource': 1, 'prompts-get-simple': 1, 'prompts-get-with-args': 1, 'prompts-get-with-image': 1,
        'prompts-list': 1, 'resources-list': 1, 'resources-read-binary': 1, 'resources-read-text': 1,
        'resources-subscribe': 1, 'resources-templates-read': 1, 'resources-unsubscribe': 1, 'server-initialize': 1,
        'server-sse-multiple-streams': 1, 'server-sse-polling': 3, 'tools-call-audio': 1, 'tools-call-elicitation': 1,
        'tools-call-embedded-resource': 1, 'tools-call-error': 1, 'tools-call-image': 1, 'tools-call-mixed-content': 1,
        'tools-call-sampling': 1, 'tools-call-simple-text': 1, 'tools-call-with-logging': 1, 'tools-call-with-progress': 1,
        'tools-list': 1,
    }),
}

# Scenarios of which the suite itself skips checks, and why that is right.
SKIPS = {
    'sep-2640-skills-directory': 'the extension io.modelcontextprotocol/skills is not offered',
    'sep-2640-skills-enumeration': 'the extension io.modelcontextprotocol/skills is not offered',
    'sep-2640-skills-manifest': 'the extension io.modelcontextprotocol/skills is not offered',
    'tasks-status-notifications': 'the suite has no check for it yet, and always skips it',
}
