package sandbox

import (
	"encoding/json"
	"fmt"
	"strings"
)

// awsClaims are what an IdP tells AWS itself in a token (IAM user guide, id_session-tags and
// id_credentials_temp_control-access_monitor; the roles claim: since mid-2026).
type awsClaims struct {
	tags           sessionTags
	sourceIdentity string
	roles          []string // the only roles the token is good for; nil: any
}

const (
	tagsClaim           = "https://aws.amazon.com/tags"
	sourceIdentityClaim = "https://aws.amazon.com/source_identity"
	rolesClaim          = "https://aws.amazon.com/roles"
)

// awsClaimsError says what is wrong with them.
type awsClaimsError string

// Error implements error.
func (e awsClaimsError) Error() string { return string(e) }

// awsClaimsOf reads them out of all the claims of a token. IdPs that cannot nest flatten the tags:
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

// texts reads a JSON text or a list of them; null is neither.
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
