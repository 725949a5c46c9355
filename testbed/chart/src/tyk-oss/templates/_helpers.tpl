{{/* The gateway's full name as its own chart makes it, seen from the umbrella. */}}
{{- define "tyk-oss.gatewayFullname" -}}
{{- $values := index .Values "tyk-gateway" -}}
{{- if $values.fullnameOverride -}}
{{- $values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default "tyk-gateway" $values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "tyk-oss.gatewayService" -}}
gateway-svc-{{ include "tyk-oss.gatewayFullname" . }}
{{- end -}}

{{- define "tyk-oss.fullname" -}}
{{- default (printf "%s-%s" .Release.Name (default .Chart.Name .Values.nameOverride)) .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}
#@ since 1.4.0

{{/* Where the Gateway API is: the control port where there is one. */}}
{{- define "tyk-oss.gatewayURL" -}}
{{- $control := (index .Values "tyk-gateway").gateway.control -}}
{{- $scheme := ternary "https" "http" .Values.global.tls.gateway -}}
{{- if $control.enabled -}}
{{ $scheme }}://gateway-control-svc-{{ include "tyk-oss.gatewayFullname" . }}.{{ .Release.Namespace }}.svc:{{ $control.port }}
{{- else -}}
{{ $scheme }}://{{ include "tyk-oss.gatewayService" . }}.{{ .Release.Namespace }}.svc:{{ .Values.global.servicePorts.gateway }}
{{- end -}}
{{- end -}}
#@ end
