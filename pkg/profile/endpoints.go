package profile

import "strings"

// endpoints uses the profile's endpoints, then AWS_ENDPOINT_URL_STS and the like, then AWS_ENDPOINT_URL.
func (b *builder) endpoints(p Profile) Endpoints {
	e := Endpoints{
		STS:             b.endpoint("sts", p.Role.ARN != ""),
		S3:              b.endpoint("s3", p.Upload.Bucket != ""),
		CognitoIdentity: b.endpoint("cognito_identity", p.IdentityPool.ID != ""),
		FIPS:            b.awsBool("endpoints.fips", "AWS_USE_FIPS_ENDPOINT"),
		DualStack:       b.awsBool("endpoints.dual_stack", "AWS_USE_DUALSTACK_ENDPOINT"),
	}
	e.PathStyle = b.bool("endpoints.path_style", e.S3 != "")
	return e
}

// endpoint checks the URL that it returns, unless it comes from an AWS_… variable for a service that the profile does not
// use.
func (b *builder) endpoint(service string, used bool) string {
	path := "endpoints." + service
	url := b.text(path)
	if url != "" {
		used = true
	} else if !strings.EqualFold(b.source.env("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"), "true") {
		url = b.env(path, "AWS_ENDPOINT_URL_"+strings.ToUpper(service))
		if url == "" {
			url = b.env(path, "AWS_ENDPOINT_URL")
		}
	}
	if url == "" || !used {
		return url
	}
	if err := checkSecureURL(url); err != nil {
		b.errorf(path, "%s", err).Hint = urlHint(url)
	}
	return url
}

// awsBool returns the profile's boolean, or that of an AWS_… variable.
func (b *builder) awsBool(path, name string) bool {
	if b.text(path) != "" {
		return b.bool(path, false)
	}
	switch value := b.env(path, name); strings.ToLower(value) {
	case "", "false":
		return false
	case "true":
		return true
	default:
		b.errorf(path, "%q is neither true nor false", value)
		return false
	}
}
