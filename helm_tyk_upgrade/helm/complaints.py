"""What Helm complains about, as data: (pattern, cause, hint). The first pattern that is found decides, so
their order counts: an upgrade that times out names the cluster's URL too. Wordings of Helm 3.13 to 4.3."""

from __future__ import annotations

RULES: tuple[tuple[str, str, str], ...] = (
    (
        r"^(?:panic|fatal error): ",
        "Helm itself crashed",
        "use another version of Helm; 4.1.0 crashes on a null in a list of values",
    ),
    (
        r"another operation \(install/upgrade/rollback\) is in progress",
        "another operation is in progress on the release",
        "wait for it; if the process behind it is gone, helm rollback to the last deployed revision frees it",
    ),
    (
        r"values don't meet the specifications of the schema",
        "the values do not fit the chart's schema",
        "correct the values that Helm names; helm tyk-upgrade values shows where each comes from",
    ),
    (
        r"field is immutable|may not be changed|for fields other than .* are forbidden",
        "a field that cannot be changed would change",
        "the object must be replaced: delete it in a maintenance window, or keep the old value",
    ),
    (
        r"failed with \d+ conflicts?|conflicts? with \"",
        "another manager owns fields that would change",
        "let that manager give them up, or use --force-conflicts",
    ),
    (
        r"the object has been modified",
        "an object was changed by somebody else at the same time",
        "run the command again",
    ),
    (
        r"invalid ownership metadata|cannot be imported into the current release",
        "an object exists that belongs to no release or to another one",
        "remove it, or pass --take-ownership (Helm 3.17 and newer)",
    ),
    (
        r"no matches for kind|resource mapping not found",
        "the cluster does not know a kind that the chart uses",
        "install its CustomResourceDefinition first, or turn the feature off in the values",
    ),
    (
        r"admission webhook .* denied|violates PodSecurity|denied the request",
        "an admission rule of the cluster refuses an object",
        "ask who owns the policy named, or change the values so that the object fits it",
    ),
    (
        r"unable to handle the request|has received too many requests|currently overloaded",
        "the API server is busy or down",
        "try again in a minute; `kubectl version` must answer",
    ),
    (
        r"unexpected error when reading response body|unexpected EOF|connection reset by peer",
        "an answer on the way to Helm was cut off",
        "try again; a proxy or load balancer on the way may close connections early",
    ),
    (
        r"provide credentials|server has asked for the client|401 Unauthorized|: Unauthorized"
        r"|token .*expired",
        "the credentials are not accepted",
        "log in again; for a chart registry: helm registry login",
    ),
    (
        r"is forbidden|forbidden: User",
        "this identity is not allowed to do that",
        "helm tyk-upgrade doctor lists the rights that are needed",
    ),
    (
        r"no cached repo found",
        "Helm knows a chart repository whose index it has not got",
        "helm repo update fetches the indexes; helm repo remove forgets a repository",
    ),
    (
        r"failed to fetch \S+\.tgz ?: 404",
        "the chart or its version is not there",
        "it is listed, but its archive is gone: choose another with --version, and tell the publisher",
    ),
    (
        r"not a valid chart repository|failed to fetch \S*https?://|could not find protocol handler",
        "the chart repository does not answer",
        "check --repo, the network, HTTPS_PROXY and NO_PROXY",
    ),
    (
        r"certificate signed by unknown|certificate is not trusted|x509: ",
        "a TLS certificate is not trusted",
        "give your company's CA with --ca-file, or in the kubeconfig for the cluster",
    ),
    (
        r"repo \S+ not found|no repo named|no repositories",
        "that chart repository is not known to Helm",
        "helm repo add NAME URL, or give --repo URL",
    ),
    (
        r"no chart version found|no chart name found|improper constraint|manifest unknown"
        r"|chart \"[^\"]*\"(?: version \"[^\"]*\"| matching \S+)? not found|: not found$"
        r"|not found in \S+ (?:index|repository)",
        "the chart or its version is not there",
        "helm tyk-upgrade versions lists what exists; helm repo update refreshes a repository of Helm's",
    ),
    (
        r"unable to detect chart|Chart\.yaml file is missing|path \"[^\"]*\" not found|non-absolute URLs"
        r"|does not appear to be a gzipped archive|file '[^']*' (?:does not appear|seems to be)",
        "the chart cannot be read",
        "give a chart folder, a .tgz, REPO/NAME, oci:// or a name with --repo",
    ),
    (
        r"failed parsing --set",
        "a --set flag cannot be read",
        "write \\ before a comma inside a value; --set-file takes a text as it is, --set-json a JSON value",
    ),
    (
        r"failed to parse \S+: ",
        "the values cannot be read",
        "check the file and line that Helm names (- is what this program hands over)",
    ),
    (
        r"execution error at|error calling|executing \"|YAML parse error|converting YAML to JSON"
        r"|parse error at|template: |nil pointer evaluating",
        "a template of the chart fails",
        "the template and its line are named; mostly a value has another type than the chart expects",
    ),
    (
        r"cluster unreachable|connection refused|no such host|i/o timeout|dial tcp|TLS handshake timeout"
        r"|no route to host|no configuration has been provided|context \S+ does not exist",
        "the cluster cannot be reached",
        "check KUBECONFIG and --kube-context; `kubectl version` must answer",
    ),
    (
        r"context deadline exceeded|timed out waiting|not ready\. status",
        "the time-out ran out",
        "the pods' events say why; --timeout gives more time",
    ),
    (
        r"error parsing|yaml: |no such file or directory|cannot unmarshal",
        "the values cannot be read",
        "check the file and line that Helm names",
    ),
    (
        r"unknown (?:shorthand )?flag",
        "this Helm does not know a flag",
        "helm upgrade --help lists those of your version",
    ),
    (
        r"context canceled|has been cancelled|interrupt",
        "helm was interrupted",
        "helm history shows the release's state; helm tyk-upgrade rollback goes back",
    ),
)
