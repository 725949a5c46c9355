{{/* The published probe of one kind; call with (dict "root" $ "delay" s "period" s "failures" n). */}}
{{- define "tyk-gateway.helloProbe" -}}
httpGet:
  scheme: {{ include "tyk-gateway.protocol" .root | upper | quote }}
  path: /hello
  port: {{ include "tyk-gateway.healthPort" .root }}
initialDelaySeconds: {{ .delay }}
periodSeconds: {{ .period }}
timeoutSeconds: 3
failureThreshold: {{ .failures }}
{{- end -}}

{{- define "tyk-gateway.probes" -}}
#@ before 2.2.0
livenessProbe:
  {{- include "tyk-gateway.helloProbe" (dict "root" . "delay" 5 "period" 2 "failures" 2) | nindent 2 }}
readinessProbe:
  {{- include "tyk-gateway.helloProbe" (dict "root" . "delay" 1 "period" 10 "failures" 3) | nindent 2 }}
#@ end
#@ since 2.2.0
livenessProbe:
  {{- with .Values.gateway.livenessProbe }}
  {{- toYaml . | nindent 2 }}
  {{- else }}
  {{- include "tyk-gateway.helloProbe" (dict "root" . "delay" 5 "period" 2 "failures" 2) | nindent 2 }}
  {{- end }}
readinessProbe:
  {{- with .Values.gateway.readinessProbe }}
  {{- toYaml . | nindent 2 }}
  {{- else }}
  {{- include "tyk-gateway.helloProbe" (dict "root" . "delay" 1 "period" 10 "failures" 3) | nindent 2 }}
  {{- end }}
#@ end
#@ since 3.0.0
{{- with .Values.gateway.startupProbe }}
startupProbe:
  {{- toYaml . | nindent 2 }}
{{- end }}
#@ end
{{- end -}}
