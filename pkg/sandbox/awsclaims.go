package sandbox

import (
	"encoding/json"
	"fmt"
	"strings"
)

// awsClaims are the claims of a token that are addressed to AWS (IAM user guide, id_session-tags and
// id_credentials_temp_control-access_monitor; the roles claim exists since mid-2026).
type awsClaims struct {
	tags           sessionTags
	sourceIdentity string
	roles          []string // the only roles that may be assumed with the token; nil for any
}

const (
	tagsClaim           = "https://aws.amazon.com/tags"
	sourceIdentityClaim = "https://aws.amazon.com/source_identity"
	rolesClaim          = "https://aws.amazon.com/roles"
)

// awsClaimsError describes a malformed claim.
type awsClaimsError string

// Error implements error.
func (e awsClaimsError) Error() string { return string(e) }

// awsClaimsOf reads them from the claims of a token. IdPs that cannot nest claims flatten the tags:
// https://aws.amazon.com/tags/principal_tags/KEY.
func awsClaimsOf(claims map[string]json.RawMessage) (awsClaims, error) {
	out := awsClaims{tags: sessionTags{values: map[string]string{}}}
	var nested struct {
		Principal  map[string]json.RawMessage `json:"principal_tags"`
		Transitive []string                   `json:"transitive_tag_keys"`
	}
	if raw, ok := claims[tagsClaim]; ok && json.Unmarshal(raw, &nested) != nil {
		return out, awsClaimsError("The claim of the session tags cannot be read.")
	}
	for name, raw := range claims {
		if key, ok := strings.CutPrefix(name, tagsClaim+"/principal_tags/"); ok {
			if nested.Principal == nil {
				nested.Principal = map[string]json.RawMessage{}
			}
			nested.Principal[key] = raw
		}
	}
	out.tags.transitive = nested.Transitive
	if raw, ok := claims[tagsClaim+"/transitive_tag_keys"]; ok {
		out.tags.transitive, _ = texts(raw)
	}
	for key, raw := range nested.Principal {
		values, ok := texts(raw)
		if !ok || len(values) != 1 {
			return out, awsClaimsError(fmt.Sprintf("The session tag %q does not have exactly one value.", key))
		}
		out.tags.values[key] = values[0]
	}
	if raw, ok := claims[sourceIdentityClaim]; ok {
		if json.Unmarshal(raw, &out.sourceIdentity) != nil || faultOfSourceIdentity(out.sourceIdentity) {
			return out, awsClaimsError("The claim of the source identity is malformed.")
		}
	}
	if raw, ok := claims[rolesClaim]; ok {
		if out.roles, ok = texts(raw); !ok {
			return out, awsClaimsError("The claim of the roles cannot be read.")
		}
	}
	return out, out.tags.fault()
}

func faultOfSourceIdentity(value string) bool {
	return !sourceIdentityPattern.MatchString(value) || strings.HasPrefix(value, "aws:")
}

// texts decodes a JSON string or a list of strings. It refuses null.
func texts(raw json.RawMessage) ([]string, bool) {
	if string(raw) == "null" {
		return nil, false
	}
	var list []string
	if json.Unmarshal(raw, &list) == nil {
		return list, true
	}
	var one string
	return []string{one}, json.Unmarshal(raw, &one) == nil
}
