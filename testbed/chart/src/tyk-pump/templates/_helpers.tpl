{{- define "tyk-pump.fullname" -}}
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
{{- define "tyk-pump.labels" -}}
app: {{ .app }}
chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
release: {{ .root.Release.Name }}
heritage: {{ .root.Release.Service }}
{{- end -}}

{{- define "tyk-pump.selector" -}}
app: pump-{{ include "tyk-pump.fullname" . }}
release: {{ .Release.Name }}
{{- end -}}
