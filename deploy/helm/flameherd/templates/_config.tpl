{{/*
The configuration of flameherd: what follows from other values, and over it the tree `config`. `include … | fromYaml` gives it.
*/}}
{{- define "flameherd.config" -}}
{{- $values := .Values -}}
{{- $given := deepCopy $values.config -}}
{{- $derived := dict "data" "/data" -}}

{{- $http := dict -}}
{{- $mode := dig "auth" "mode" "none" $given -}}
{{- if and (ne $mode "none") (eq $values.service.apiTarget "api") }}{{ $_ := set $http "listen" "0.0.0.0:4280" }}{{ end -}}
{{- with $values.tls.existingSecret -}}
{{- $_ := set $http "tls" (dict "certFile" "/etc/flameherd-tls/tls.crt" "keyFile" "/etc/flameherd-tls/tls.key") -}}
{{- end -}}
{{- $listen := dig "http" "listen" (dig "listen" "127.0.0.1:4280" $http) $given -}}
{{- $url := "" -}}
{{- if and $values.ingress.enabled $values.ingress.host -}}
{{- $url = printf "%s://%s" (empty $values.ingress.tlsSecret | ternary "http" "https") $values.ingress.host -}}
{{- else if and $values.httpRoute.enabled $values.httpRoute.host -}}
{{- $url = printf "https://%s" $values.httpRoute.host -}}
{{- else if or (ne $values.service.apiTarget "api") (not (include "flameherd.isLoopback" $listen)) -}}
{{- $scheme := empty (dig "tls" "certFile" (dig "http" "tls" "certFile" "" $given) $http) | ternary "http" "https" -}}
{{- $url = printf "%s://%s.%s.svc:%d" $scheme (include "flameherd.fullname" .) (include "flameherd.namespace" .) (int64 $values.service.apiPort) -}}
{{- end -}}
{{- if $url }}{{ $_ := set $http "externalUrl" $url }}{{ end -}}
{{- if $http }}{{ $_ := set $derived "http" $http }}{{ end -}}

{{- $auth := dict -}}
{{- if $values.auth.token.existingSecret }}{{ $_ := set $auth "tokenFile" "/etc/flameherd-token/tokens" }}{{ end -}}
{{- if $values.auth.header.existingSecret }}{{ $_ := set $auth "header" (dict "secretFile" "/etc/flameherd-header/secret") }}{{ end -}}
{{- if $auth }}{{ $_ := set $derived "auth" $auth }}{{ end -}}

{{- with include "flameherd.mebibytes" $values.persistence.size -}}
{{- $cap := div (mul (int64 .) 2) 3 -}}
{{- $text := mod $cap 1024 | eq 0 | ternary (printf "%dGiB" (div $cap 1024)) (printf "%dMiB" $cap) -}}
{{- $_ := set $derived "storage" (dict "maxBytes" $text) -}}
{{- end -}}

{{- $discovery := dict "services" $values.rbac.services -}}
{{- if eq $values.rbac.scope "namespaces" }}{{ $_ := set $discovery "namespaces" (dict "only" $values.rbac.namespaces) }}{{ end -}}
{{- $_ := set $derived "discovery" $discovery -}}
{{- if not $values.rbac.leases }}{{ $_ := set $derived "lease" (dict "mode" "off") }}{{ end -}}
{{- $transports := dict -}}
{{- range $name := list "portForward" "podProxy" "ephemeral" -}}
{{- $_ := set $transports $name (dict "enabled" (index $values.rbac $name)) -}}
{{- end -}}
{{- $_ := set $derived "transports" $transports -}}
{{- if $values.rbac.events }}{{ $_ := set $derived "growth" (dict "kubernetesEvents" true) }}{{ end -}}
{{- mergeOverwrite $derived $given | toYaml -}}
{{- end }}

{{/* Not empty when an address is one that only the pod itself reaches. */}}
{{- define "flameherd.isLoopback" -}}
{{- if regexMatch "^(127\\.|localhost:|\\[::1\\])" . }}true{{ end -}}
{{- end }}

{{/* Not empty when others reach the API, itself or through a proxy in the pod. */}}
{{- define "flameherd.apiIsOpen" -}}
{{- if or (ne .Values.service.apiTarget "api") (include "flameherd.apiListens" .) }}true{{ end -}}
{{- end }}

{{/* Not empty when others reach the listener of the API itself. */}}
{{- define "flameherd.apiListens" -}}
{{- $config := include "flameherd.config" . | fromYaml -}}
{{- if not (dig "http" "listen" "127.0.0.1:4280" $config | include "flameherd.isLoopback") }}true{{ end -}}
{{- end }}

{{/* What the API itself speaks, whatever an Ingress before it does. */}}
{{- define "flameherd.scheme" -}}
{{- include "flameherd.config" . | fromYaml | dig "http" "tls" "certFile" "" | empty | ternary "http" "https" -}}
{{- end }}

{{/* What /metrics and the probes are asked by. */}}
{{- define "flameherd.opsScheme" -}}
{{- include "flameherd.config" . | fromYaml | dig "http" "tls" "ops" false | ternary "https" "http" -}}
{{- end }}

{{- define "flameherd.apiPort" -}}
{{- include "flameherd.config" . | fromYaml | dig "http" "listen" "127.0.0.1:4280" | regexFind "[0-9]+$" -}}
{{- end }}

{{- define "flameherd.opsPort" -}}
{{- include "flameherd.config" . | fromYaml | dig "http" "opsListen" "" | default "0.0.0.0:4281" | regexFind "[0-9]+$" -}}
{{- end }}

{{/* Where people reach the API, for links in alerts and dashboards. */}}
{{- define "flameherd.externalUrl" -}}
{{- include "flameherd.config" . | fromYaml | dig "http" "externalUrl" "" | default "http://127.0.0.1:4280" | trimSuffix "/" -}}
{{- end }}

{{/* Not empty when the API server is asked who somebody is or what they may. */}}
{{- define "flameherd.asksReviews" -}}
{{- $auth := include "flameherd.config" . | fromYaml | dig "auth" dict -}}
{{- $mode := dig "mode" "none" $auth -}}
{{- if or (eq $mode "kubernetes") (and (eq $mode "header") (eq (dig "header" "authorize" "kubernetes" $auth) "kubernetes")) }}true{{ end -}}
{{- end }}

{{/*
What of the configuration the daemon takes up only at its start: a change of it has to replace the pod. The other keys, named in
files/live-keys.txt, are in force when the mounted file changes, so they are left out.
*/}}
{{- define "flameherd.restartChecksum" -}}
{{- $config := include "flameherd.config" . | fromYaml -}}
{{- range $key := .Files.Lines "files/live-keys.txt" -}}
{{- if $key -}}
{{- $path := splitList "." $key -}}
{{- $at := $config -}}
{{- range initial $path }}{{ $at = dig . dict $at }}{{ end -}}
{{- $_ := unset $at (last $path) -}}
{{- end -}}
{{- end -}}
{{- include "flameherd.prune" $config -}}
{{- $config | toYaml | sha256sum -}}
{{- end }}

{{/* Removes what is empty, so that a section which held live keys only is as one that is not there. */}}
{{- define "flameherd.prune" -}}
{{- range $name, $value := deepCopy . -}}
{{- if kindIs "map" $value -}}
{{- include "flameherd.prune" (get $ $name) -}}
{{- if not (get $ $name) }}{{ $_ := unset $ $name }}{{ end -}}
{{- end -}}
{{- end -}}
{{- end }}
