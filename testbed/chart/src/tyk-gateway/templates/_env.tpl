{{/* A variable with a literal value; call with (list "NAME" value). */}}
{{- define "tyk-gateway.var" -}}
- name: {{ index . 0 }}
  value: {{ index . 1 | toString | quote }}
{{ end -}}

{{/* A variable from a Secret; call with (list "NAME" "secret" "key"). */}}
{{- define "tyk-gateway.secretVar" -}}
- name: {{ index . 0 }}
  valueFrom:
    secretKeyRef:
      name: {{ index . 1 }}
      key: {{ index . 2 }}
{{ end -}}

{{- define "tyk-gateway.env" -}}
{{- $own := printf "secrets-%s" (include "tyk-gateway.fullname" .) -}}
{{ include "tyk-gateway.var" (list "TYK_GW_LISTENPORT" .Values.gateway.containerPort) }}
{{- if .Values.gateway.control.enabled -}}
{{ include "tyk-gateway.var" (list "TYK_GW_CONTROLAPIPORT" .Values.gateway.control.containerPort) }}
{{- end -}}
{{ include "tyk-gateway.var" (list "TYK_GW_OAS_VALIDATE_EXAMPLES" .Values.global.oasValidateExamples) -}}
{{ include "tyk-gateway.var" (list "TYK_GW_OAS_VALIDATE_SCHEMA_DEFAULTS" .Values.global.oasValidateSchemaDefaults) -}}
#@ since 1.5.0
{{ include "tyk-gateway.var" (list "TYK_GW_ENABLEFIXEDWINDOWRATELIMITER" .Values.gateway.enableFixedWindowRateLimiter) -}}
#@ end
#@ since 2.0.0
{{ include "tyk-gateway.var" (list "TYK_GW_HTTPSERVEROPTIONS_ENABLEPATHPREFIXMATCHING" .Values.gateway.enablePathPrefixMatching) -}}
{{ include "tyk-gateway.var" (list "TYK_GW_HTTPSERVEROPTIONS_ENABLEPATHSUFFIXMATCHING" .Values.gateway.enablePathSuffixMatching) -}}
{{ include "tyk-gateway.var" (list "TYK_GW_HTTPSERVEROPTIONS_ENABLESTRICTROUTES" .Values.gateway.enableStrictRoutes) -}}
#@ end
#@ since 2.2.0
{{ include "tyk-gateway.var" (list "TYK_GW_STREAMING_ENABLED" .Values.global.streaming.enabled) -}}
{{ include "tyk-gateway.var" (list "TYK_GW_LOGFORMAT" .Values.gateway.log.format) -}}
{{ include "tyk-gateway.var" (list "TYK_GW_LOGLEVEL" .Values.gateway.log.level) -}}
#@ end
#@ since 3.0.0
{{ include "tyk-gateway.var" (list "TYK_GW_ACCESSLOGS_ENABLED" .Values.gateway.accessLogs.enabled) -}}
{{- with .Values.gateway.accessLogs.template }}
{{ include "tyk-gateway.var" (list "TYK_GW_ACCESSLOGS_TEMPLATE" (join "," .)) -}}
{{- end }}
#@ end
{{ include "tyk-gateway.redisTLSEnv" . -}}
{{ include "tyk-gateway.var" (list "REDIGOCLUSTER_SHARDCOUNT" "128") -}}
{{ include "tyk-gateway.var" (list "TYK_GW_STORAGE_TYPE" "redis") -}}
{{ include "tyk-gateway.var" (list "TYK_GW_STORAGE_ADDRS" (include "tyk-gateway.redisAddrs" .)) -}}
{{ include "tyk-gateway.var" (list "TYK_GW_STORAGE_ENABLECLUSTER" (.Values.global.redis.enableCluster | default false)) -}}
{{- with .Values.global.redis }}
{{- if .enableSentinel }}
{{ include "tyk-gateway.var" (list "TYK_GW_STORAGE_MASTERNAME" .masterName) -}}
{{- if (.passSecret).sentinelKeyName }}
{{ include "tyk-gateway.secretVar" (list "TYK_GW_STORAGE_SENTINELPASSWORD" .passSecret.name .passSecret.sentinelKeyName) -}}
{{- else }}
{{ include "tyk-gateway.secretVar" (list "TYK_GW_STORAGE_SENTINELPASSWORD" $own "redisSentinelPass") -}}
{{- end }}
{{- end }}
{{ include "tyk-gateway.var" (list "TYK_GW_STORAGE_DATABASE" (.storage).database) -}}
{{- if (.passSecret).name }}
{{ include "tyk-gateway.secretVar" (list "TYK_GW_STORAGE_PASSWORD" .passSecret.name (.passSecret.keyName | default "redisPass")) -}}
{{- else }}
{{ include "tyk-gateway.secretVar" (list "TYK_GW_STORAGE_PASSWORD" $own "redisPass") -}}
{{- end }}
{{ include "tyk-gateway.var" (list "TYK_GW_STORAGE_USESSL" (.useSSL | default false)) -}}
{{- end }}
{{ include "tyk-gateway.secretVar" (list "TYK_GW_SECRET" (include "tyk-gateway.apiSecretName" .) "APISecret") -}}
{{ include "tyk-gateway.secretVar" (list "TYK_GW_NODESECRET" (include "tyk-gateway.apiSecretName" .) "APISecret") -}}
{{ include "tyk-gateway.serverEnv" . -}}
{{- with .Values.gateway.extraEnvs }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "tyk-gateway.redisTLSEnv" -}}
{{- $redis := .Values.global.redis -}}
{{- $mount := $redis.certificatesMountPath | default "/etc/certs" -}}
{{- with $redis.caFile -}}
{{ include "tyk-gateway.var" (list "TYK_GW_STORAGE_CAFILE" (printf "%s/%s" $mount .)) }}
{{- end -}}
{{- with $redis.certFile -}}
{{ include "tyk-gateway.var" (list "TYK_GW_STORAGE_CERTFILE" (printf "%s/%s" $mount .)) }}
{{- end -}}
{{- with $redis.keyFile -}}
{{ include "tyk-gateway.var" (list "TYK_GW_STORAGE_KEYFILE" (printf "%s/%s" $mount .)) }}
{{- end -}}
{{- with $redis.sslInsecureSkipVerify -}}
{{ include "tyk-gateway.var" (list "TYK_GW_STORAGE_SSLINSECURESKIPVERIFY" .) }}
{{- end -}}
#@ before 1.4.0
{{- with $redis.sslMaxVersion -}}
{{ include "tyk-gateway.var" (list "TYK_GW_STORAGE_MAXVERSION" .) }}
{{- end -}}
{{- with $redis.sslMinVersion -}}
{{ include "tyk-gateway.var" (list "TYK_GW_STORAGE_MINVERSION" .) }}
{{- end -}}
#@ end
#@ since 1.4.0
{{- with $redis.tlsMaxVersion -}}
{{ include "tyk-gateway.var" (list "TYK_GW_STORAGE_TLSMAXVERSION" .) }}
{{- end -}}
{{- with $redis.tlsMinVersion -}}
{{ include "tyk-gateway.var" (list "TYK_GW_STORAGE_TLSMINVERSION" .) }}
{{- end -}}
#@ end
{{- end -}}

{{- define "tyk-gateway.serverEnv" -}}
{{ include "tyk-gateway.var" (list "TYK_GW_HTTPSERVEROPTIONS_USESSL" .Values.global.tls.gateway) -}}
{{ include "tyk-gateway.var" (list "TYK_GW_POLICIES_ALLOWEXPLICITPOLICYID" "true") -}}
{{ include "tyk-gateway.var" (list "TYK_GW_TEMPLATEPATH" "/opt/tyk-gateway/templates") -}}
{{ include "tyk-gateway.var" (list "TYK_GW_TYKJSPATH" "/opt/tyk-gateway/js/tyk.js") -}}
{{ include "tyk-gateway.var" (list "TYK_GW_MIDDLEWAREPATH" "/mnt/tyk-gateway/middleware") -}}
{{ include "tyk-gateway.var" (list "TYK_GW_APPPATH" "/mnt/tyk-gateway/apps") -}}
{{ include "tyk-gateway.var" (list "TYK_GW_POLICIES_POLICYPATH" "/mnt/tyk-gateway/policies") -}}
#@ before 5.0.0
{{ include "tyk-gateway.var" (list "TYK_GW_STORAGE_MAXIDLE" "1000") -}}
#@ end
#@ since 5.0.0
{{ include "tyk-gateway.var" (list "TYK_GW_STORAGE_MAXIDLE" (.Values.global.redis.maxIdle | default 1000)) -}}
#@ end
{{ include "tyk-gateway.var" (list "TYK_GW_ENABLENONTRANSACTIONALRATELIMITER" "true") -}}
{{ include "tyk-gateway.var" (list "TYK_GW_POLICIES_POLICYSOURCE" "file") -}}
{{- if ne (toString .Values.gateway.analyticsEnabled) "" }}
{{ include "tyk-gateway.var" (list "TYK_GW_ENABLEANALYTICS" .Values.gateway.analyticsEnabled) -}}
{{- else if (.Values.global.components).pump }}
{{ include "tyk-gateway.var" (list "TYK_GW_ENABLEANALYTICS" "true") -}}
{{- end }}
{{ include "tyk-gateway.var" (list "TYK_GW_ANALYTICSCONFIG_TYPE" .Values.gateway.analyticsConfigType) -}}
{{ include "tyk-gateway.var" (list "TYK_GW_POLICIES_POLICYRECORDNAME" "/mnt/tyk-gateway/policies/policies.json") -}}
{{ include "tyk-gateway.var" (list "TYK_GW_HASHKEYS" .Values.global.hashKeys) -}}
{{ include "tyk-gateway.var" (list "TYK_GW_HASHKEYFUNCTION" .Values.gateway.hashKeyFunction) -}}
{{ include "tyk-gateway.var" (list "TYK_GW_HTTPSERVEROPTIONS_ENABLEWEBSOCKETS" "true") -}}
{{ include "tyk-gateway.var" (list "TYK_GW_HTTPSERVEROPTIONS_MINVERSION" "771") -}}
#@ since 5.0.0
{{ include "tyk-gateway.var" (list "TYK_GW_HTTPSERVEROPTIONS_XFFDEPTH" ((.Values.gateway.httpsServerOptions).xffDepth | default 1)) -}}
#@ end
- name: TYK_GW_HTTPSERVEROPTIONS_CERTIFICATES
  value: '{{ .Values.gateway.tls.certificates | toJson }}'
{{ include "tyk-gateway.var" (list "TYK_GW_HTTPSERVEROPTIONS_SSLINSECURESKIPVERIFY" .Values.gateway.tls.insecureSkipVerify) -}}
#@ before 3.0.0
{{ include "tyk-gateway.var" (list "TYK_GW_ALLOWINSECURECONFIGS" "true") -}}
{{ include "tyk-gateway.var" (list "TYK_GW_COPROCESSOPTIONS_ENABLECOPROCESS" "true") -}}
{{ include "tyk-gateway.var" (list "TYK_GW_GLOBALSESSIONLIFETIME" "100") -}}
{{ include "tyk-gateway.var" (list "TYK_GW_MAXIDLECONNSPERHOST" "500") -}}
{{ include "tyk-gateway.var" (list "TYK_GW_ENABLECUSTOMDOMAINS" "true") -}}
#@ end
#@ since 3.0.0
{{ include "tyk-gateway.var" (list "TYK_GW_ALLOWINSECURECONFIGS" .Values.gateway.allowInsecureConfigs) -}}
{{ include "tyk-gateway.var" (list "TYK_GW_COPROCESSOPTIONS_ENABLECOPROCESS" "true") -}}
{{ include "tyk-gateway.var" (list "TYK_GW_GLOBALSESSIONLIFETIME" .Values.gateway.globalSessionLifetime) -}}
{{ include "tyk-gateway.var" (list "TYK_GW_MAXIDLECONNSPERHOST" .Values.gateway.maxIdleConnectionsPerHost) -}}
{{ include "tyk-gateway.var" (list "TYK_GW_ENABLECUSTOMDOMAINS" .Values.gateway.enableCustomDomains) -}}
#@ end
{{ include "tyk-gateway.var" (list "TYK_GW_PIDFILELOCATION" "/mnt/tyk-gateway/tyk.pid") -}}
{{ include "tyk-gateway.var" (list "TYK_GW_DBAPPCONFOPTIONS_NODEISSEGMENTED" .Values.gateway.sharding.enabled) -}}
{{- if .Values.gateway.sharding.enabled }}
{{ include "tyk-gateway.var" (list "TYK_GW_DBAPPCONFOPTIONS_TAGS" .Values.gateway.sharding.tags) -}}
{{- end }}
{{ include "tyk-gateway.otelEnv" . }}
{{- end -}}

{{- define "tyk-gateway.otelEnv" -}}
{{- with .Values.gateway.opentelemetry }}
{{- if .enabled }}
{{ include "tyk-gateway.var" (list "TYK_GW_OPENTELEMETRY_ENABLED" .enabled) -}}
{{ include "tyk-gateway.var" (list "TYK_GW_OPENTELEMETRY_EXPORTER" .exporter) -}}
{{ include "tyk-gateway.var" (list "TYK_GW_OPENTELEMETRY_ENDPOINT" .endpoint) -}}
{{ include "tyk-gateway.var" (list "TYK_GW_OPENTELEMETRY_CONNECTIONTIMEOUT" .connectionTimeout) -}}
{{ include "tyk-gateway.var" (list "TYK_GW_OPENTELEMETRY_RESOURCENAME" .resourceName) -}}
{{ include "tyk-gateway.var" (list "TYK_GW_OPENTELEMETRY_SPANPROCESSORTYPE" .spanProcessorType) -}}
{{ include "tyk-gateway.var" (list "TYK_GW_OPENTELEMETRY_CONTEXTPROPAGATION" .contextPropagation) -}}
{{ include "tyk-gateway.var" (list "TYK_GW_OPENTELEMETRY_SAMPLING_TYPE" .sampling.type) -}}
{{ include "tyk-gateway.var" (list "TYK_GW_OPENTELEMETRY_SAMPLING_RATE" .sampling.rate) -}}
{{ include "tyk-gateway.var" (list "TYK_GW_OPENTELEMETRY_SAMPLING_PARENTBASED" .sampling.parentBased) -}}
{{ include "tyk-gateway.var" (list "TYK_GW_OPENTELEMETRY_TLS_ENABLE" .tls.enabled) -}}
{{ include "tyk-gateway.var" (list "TYK_GW_OPENTELEMETRY_TLS_INSECURESKIPVERIFY" .tls.insecureSkipVerify) -}}
{{- end }}
{{- end }}
{{- end -}}
