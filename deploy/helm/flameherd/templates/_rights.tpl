{{/*
The rules of each capability, as src/kubernetes/capabilities.ts asks for them; `scope` is cluster or namespaces. Tests keep both
equal.
*/}}
{{- define "flameherd.rights.discovery" -}}
{{- if eq .scope "cluster" }}
- apiGroups: [""]
  resources: ["pods", "namespaces"]
  verbs: ["list", "watch"]
{{- else }}
- apiGroups: [""]
  resources: ["pods"]
  verbs: ["list", "watch"]
# The Namespace itself, for its annotations.
- apiGroups: [""]
  resources: ["namespaces"]
  verbs: ["get"]
{{- end }}
- apiGroups: ["apps"]
  resources: ["deployments", "statefulsets", "daemonsets"]
  verbs: ["list", "watch"]
- apiGroups: ["batch"]
  resources: ["cronjobs"]
  verbs: ["list", "watch"]
# One object at a time, to trace a pod to the workload above it.
- apiGroups: ["apps"]
  resources: ["replicasets"]
  verbs: ["get"]
- apiGroups: ["batch"]
  resources: ["jobs"]
  verbs: ["get"]
{{- end }}

{{- define "flameherd.rights.services" -}}
- apiGroups: [""]
  resources: ["services"]
  verbs: ["list", "watch"]
- apiGroups: ["discovery.k8s.io"]
  resources: ["endpointslices"]
  verbs: ["list", "watch"]
{{- end }}

{{/* Websockets are checked for `get`, and since Kubernetes 1.35 for `create` too. */}}
{{- define "flameherd.rights.port-forward" -}}
- apiGroups: [""]
  resources: ["pods/portforward"]
  verbs: ["get", "create"]
{{- end }}

{{- define "flameherd.rights.pod-proxy" -}}
- apiGroups: [""]
  resources: ["pods/proxy"]
  verbs: ["get"]
{{- end }}

{{- define "flameherd.rights.ephemeral" -}}
- apiGroups: [""]
  resources: ["pods"]
  verbs: ["get"]
- apiGroups: [""]
  resources: ["pods/ephemeralcontainers"]
  verbs: ["patch"]
- apiGroups: [""]
  resources: ["pods/exec"]
  verbs: ["get", "create"]
{{- end }}

{{- define "flameherd.rights.events" -}}
- apiGroups: ["events.k8s.io"]
  resources: ["events"]
  verbs: ["create"]
{{- end }}

{{- define "flameherd.rights.leases" -}}
- apiGroups: ["coordination.k8s.io"]
  resources: ["leases"]
  verbs: ["get", "list", "create", "patch"]
{{- end }}

{{/* As the role system:auth-delegator of Kubernetes. */}}
{{- define "flameherd.rights.auth" -}}
- apiGroups: ["authentication.k8s.io"]
  resources: ["tokenreviews"]
  verbs: ["create"]
- apiGroups: ["authorization.k8s.io"]
  resources: ["subjectaccessreviews"]
  verbs: ["create"]
{{- end }}

{{/* What people and programs are let do, by `auth.mode: kubernetes`. */}}
{{- define "flameherd.rights.read" -}}
- apiGroups: ["profiles.flameherd.dev"]
  resources: ["profiles"]
  verbs: ["get"]
{{- end }}

{{- define "flameherd.rights.operate" -}}
- apiGroups: ["profiles.flameherd.dev"]
  resources: ["profiles"]
  verbs: ["get"]
- apiGroups: ["profiles.flameherd.dev"]
  resources: ["snaps", "pauses"]
  verbs: ["create"]
{{- end }}

{{- define "flameherd.rights.upload" -}}
- apiGroups: ["profiles.flameherd.dev"]
  resources: ["profiles"]
  verbs: ["create"]
{{- end }}

{{- define "flameherd.rights.admin" -}}
- apiGroups: ["profiles.flameherd.dev"]
  resources: ["profiles"]
  verbs: ["get", "create"]
- apiGroups: ["profiles.flameherd.dev"]
  resources: ["snaps", "snaps/any", "pauses"]
  verbs: ["create"]
- apiGroups: ["profiles.flameherd.dev"]
  resources: ["configuration"]
  verbs: ["update"]
- apiGroups: ["profiles.flameherd.dev"]
  resources: ["status"]
  verbs: ["get"]
{{- end }}

{{- define "flameherd.rights.metrics" -}}
- apiGroups: ["profiles.flameherd.dev"]
  resources: ["status"]
  verbs: ["get"]
{{- end }}
