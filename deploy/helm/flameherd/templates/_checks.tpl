{{/* What no schema can tell: values that are allowed each by itself, and not together. Each message says what to do. */}}
{{- define "flameherd.check" -}}
{{- $values := .Values -}}
{{- $given := $values.config -}}
{{- $config := include "flameherd.config" . | fromYaml -}}
{{- $mode := dig "auth" "mode" "none" $config -}}

{{- if hasKey $given "data" -}}
{{- fail "config.data is /data in this chart, where the volume is: leave it out" -}}
{{- end -}}
{{- if and (eq $values.rbac.scope "namespaces") (not $values.rbac.namespaces) -}}
{{- fail "rbac.scope is namespaces, and rbac.namespaces is empty: name the namespaces in which flameherd looks" -}}
{{- end -}}
{{- if and (eq $values.rbac.scope "cluster") $values.rbac.namespaces -}}
{{- fail "rbac.namespaces is of no use with rbac.scope: cluster: set rbac.scope=namespaces, or config.discovery.namespaces.include" -}}
{{- end -}}
{{- if and (eq $values.rbac.scope "namespaces") (dig "discovery" "namespaces" "only" "" $given) -}}
{{- fail "config.discovery.namespaces.only follows rbac.namespaces: name the namespaces there" -}}
{{- end -}}

{{- if $values.rbac.create -}}
{{- range $name := list "portForward" "podProxy" "ephemeral" -}}
{{- if and (dig "transports" $name "enabled" false $given) (not (index $values.rbac $name)) -}}
{{- fail (printf "config.transports.%s.enabled is true without its rights: set rbac.%s=true, which does both" $name $name) -}}
{{- end -}}
{{- end -}}
{{- if and (dig "growth" "kubernetesEvents" false $given) (not $values.rbac.events) -}}
{{- fail "config.growth.kubernetesEvents is true without its rights: set rbac.events=true, which does both" -}}
{{- end -}}
{{- if and (dig "discovery" "services" false $given) (not $values.rbac.services) -}}
{{- fail "config.discovery.services is true without its rights: set rbac.services=true, which does both" -}}
{{- end -}}
{{- end -}}
{{- if and (dig "transports" "ephemeral" "enabled" false $config) (not (dig "transports" "ephemeral" "image" "" $given)) -}}
{{- fail "rbac.ephemeral wants config.transports.ephemeral.image: build it from deploy/sidecar and name it by its digest" -}}
{{- end -}}

{{- if and (eq $mode "token") (not (dig "auth" "tokenFile" "" $config)) -}}
{{- fail "config.auth.mode is token: name the Secret with the tokens in auth.token.existingSecret (kubectl create secret generic flameherd-tokens --from-file=tokens=FILE)" -}}
{{- end -}}
{{- if and $values.auth.token.existingSecret (ne $mode "token") -}}
{{- fail "auth.token.existingSecret is of no use without config.auth.mode=token" -}}
{{- end -}}
{{- if and (eq $mode "header") (not (dig "auth" "header" "secretFile" "" $config)) -}}
{{- fail "config.auth.mode is header: name the Secret that the proxy shows in auth.header.existingSecret (kubectl create secret generic flameherd-header --from-file=secret=FILE)" -}}
{{- end -}}
{{- if and $values.auth.header.existingSecret (ne $mode "header") -}}
{{- fail "auth.header.existingSecret is of no use without config.auth.mode=header" -}}
{{- end -}}
{{- if and $values.rbac.create $values.rbac.authReviews (eq $values.rbac.scope "namespaces") (include "flameherd.asksReviews" .) -}}
{{- fail "config.auth asks the API server who somebody is, and no Role can grant that: let an administrator bind system:auth-delegator to the ServiceAccount, and set rbac.authReviews=false" -}}
{{- end -}}

{{- if and (ne $values.service.apiTarget "api") (ne $mode "header") -}}
{{- fail "service.apiTarget leads to a proxy in the pod, which says who calls: set config.auth.mode=header" -}}
{{- end -}}
{{- $isOpen := include "flameherd.apiIsOpen" . -}}
{{- if and (include "flameherd.apiListens" .) (eq $mode "none") (not (dig "auth" "allowUnauthenticated" false $config)) -}}
{{- fail "config.http.listen lets others reach the API, and config.auth.mode is none: set config.auth.mode" -}}
{{- end -}}
{{- if not $isOpen -}}
{{- range $name := list "ingress" "httpRoute" "externalService" -}}
{{- if (index $values $name).enabled -}}
{{- fail (printf "%s.enabled: the API listens on 127.0.0.1 until config.auth.mode is set" $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $name := list "ingress" "httpRoute" -}}
{{- if and (index $values $name).enabled (not (index $values $name).host) -}}
{{- fail (printf "%s.host is missing: requests for another name are refused" $name) -}}
{{- end -}}
{{- end -}}
{{- if and $values.httpRoute.enabled (not $values.httpRoute.parentRefs) -}}
{{- fail "httpRoute.parentRefs is empty: name the Gateway that it attaches to" -}}
{{- end -}}
{{- if and $values.persistence.existingClaim (not $values.persistence.enabled) -}}
{{- fail "persistence.existingClaim is of no use with persistence.enabled=false" -}}
{{- end -}}
{{- end }}

{{/* Ends with a message where the cluster has not what a switch asks for. */}}
{{- define "flameherd.wants" -}}
{{- $versions := .root.Capabilities.APIVersions -}}
{{- $name := printf "%s/%s" .api .kind -}}
{{- if not (or ($versions.Has $name) ($versions.Has .api)) -}}
{{- fail (printf "%s: this cluster has no %s (%s): install %s first, or leave it off; for helm template say --api-versions %s" .value .kind .api .install $name) -}}
{{- end -}}
{{- end }}
