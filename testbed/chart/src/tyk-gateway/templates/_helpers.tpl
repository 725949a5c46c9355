{{- define "tyk-gateway.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "tyk-gateway.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Labels of every object; call with (dict "root" $ "app" "name of the object"). */}}
{{- define "tyk-gateway.labels" -}}
app: {{ .app }}
chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
release: {{ .root.Release.Name }}
heritage: {{ .root.Release.Service }}
{{- end -}}

{{- define "tyk-gateway.selector" -}}
app: gateway-{{ include "tyk-gateway.fullname" . }}
release: {{ .Release.Name }}
{{- end -}}

{{- define "tyk-gateway.protocol" -}}
{{ ternary "https" "http" (eq (toString .Values.global.tls.gateway) "true") }}
{{- end -}}

{{- define "tyk-gateway.redisAddrs" -}}
{{- with .Values.global.redis.addrs -}}
{{- join "," . -}}
{{- else -}}
redis.{{ .Release.Namespace }}.svc:6379
{{- end -}}
{{- end -}}

{{/* The port that answers /hello: the control port hides it from the other one. */}}
{{- define "tyk-gateway.healthPort" -}}
{{ ternary .Values.gateway.control.containerPort .Values.gateway.containerPort (eq (toString .Values.gateway.control.enabled) "true") }}
{{- end -}}

{{- define "tyk-gateway.apiSecretName" -}}
{{ .Values.global.secrets.useSecretName | default (printf "secrets-%s" (include "tyk-gateway.fullname" .)) }}
{{- end -}}
