{{/* Names, labels and the image. */}}

{{- define "flameherd.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 50 | trimSuffix "-" -}}
{{- end }}

{{/* 50 characters leave room for `-port-forward` and for the number of the pod within a label's 63. */}}
{{- define "flameherd.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains (include "flameherd.name" .) .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "flameherd.name" .) | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{- define "flameherd.namespace" -}}
{{- .Values.namespaceOverride | default .Release.Namespace -}}
{{- end }}

{{/* For objects outside of the release's namespace: two releases of one name must not claim the same one. */}}
{{- define "flameherd.wideName" -}}
{{- $name := include "flameherd.fullname" . -}}
{{- $namespace := include "flameherd.namespace" . -}}
{{- if eq $name $namespace -}}{{ $name }}{{- else -}}{{ $namespace }}-{{ $name }}{{- end -}}
{{- end }}

{{- define "flameherd.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (.Values.serviceAccount.create | ternary (include "flameherd.fullname" .) "default") -}}
{{- end }}

{{- define "flameherd.selector" -}}
app.kubernetes.io/name: {{ include "flameherd.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "flameherd.labels" -}}
{{ include "flameherd.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "flameherd.image" -}}
{{- $registry := .Values.global.imageRegistry | default .Values.image.registry -}}
{{- with $registry }}{{ trimSuffix "/" . }}/{{ end -}}
{{- .Values.image.repository -}}
{{- if .Values.image.digest -}}@{{ .Values.image.digest }}
{{- else -}}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{/* A quantity such as 30Gi in MiB; empty where it is of another form. */}}
{{- define "flameherd.mebibytes" -}}
{{- $text := toString . -}}
{{- $number := regexFind "^[0-9]+" $text -}}
{{- $unit := trimPrefix $number $text -}}
{{- if $number -}}
{{- if eq $unit "Mi" }}{{ int64 $number }}
{{- else if eq $unit "Gi" }}{{ mul (int64 $number) 1024 }}
{{- else if eq $unit "Ti" }}{{ mul (int64 $number) 1048576 }}
{{- else if eq $unit "M" }}{{ div (mul (int64 $number) 1000000) 1048576 }}
{{- else if eq $unit "G" }}{{ div (mul (int64 $number) 1000000000) 1048576 }}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "flameherd.nodeOptions" -}}
{{- if .Values.nodeOptions -}}
{{- .Values.nodeOptions -}}
{{- else -}}
{{- $limit := dig "limits" "memory" "" .Values.resources | include "flameherd.mebibytes" -}}
{{- with $limit }}--max-old-space-size={{ div (mul (int64 .) 3) 4 }} {{ end -}}
--max-semi-space-size=4
{{- end -}}
{{- end }}
