package sandbox

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
)

func tag2(pairs ...string) []types.Tag {
	var tags []types.Tag
	for i := 0; i < len(pairs); i += 2 {
		tags = append(tags, types.Tag{Key: aws.String(pairs[i]), Value: aws.String(pairs[i+1])})
	}
	return tags
}

// trusted is a trust policy statement for the ARN and these actions.
func trusted(arn, actions string) string {
	return `{"Effect":"Allow","Principal":{"AWS":"` + arn + `"},"Action":[` + actions + `]}`
}

const (
	assumeOnly = `"sts:AssumeRole"`
	assumeAll  = `"sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"`
	root       = "arn:aws:iam::111122223333:root"
	allowAll   = `{"Effect":"Allow","Action":"*","Resource":"*"}`
	openTrust  = `{"Effect":"Allow","Principal":{"Federated":"PROVIDER"},"Action":["sts:AssumeRoleWithWebIdentity","sts:TagSession","sts:SetSourceIdentity"]}`
)

func TestChainRefuses(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, source       string
		trust, permissions string // trust policy of the archive role; permissions of the caller's role
		role               string // the role to assume; "" is the archive role
		claims             claims // of the caller's token
		policy             string // the caller's session policy
		change             func(*sts.AssumeRoleInput)
		code               string
		status             int
		message            string
	}{
		{name: "not in the trust policy", source: "reference_policies_elements_principal", trust: trusted("arn:aws:iam::111122223333:role/Other", assumeOnly), permissions: allowAll,
			code: "AccessDenied", status: 403, message: "User: arn:aws:sts::111122223333:assumed-role/PhotoUploader/alice@example.com is not authorized to perform: sts:AssumeRole on resource: " + archiveRole},
		{name: "no such role", source: "sts §3", trust: trusted(root, assumeOnly), permissions: allowAll, role: archiveRole + "x", code: "AccessDenied", status: 403},
		{name: "the account is trusted, the caller has no permission", source: "reference_policies_evaluation-logic", trust: trusted(root, assumeOnly), code: "AccessDenied", status: 403},
		{name: "another account's role, no permission", source: "reference_policies_evaluation-logic-cross-account", trust: trusted(roleARN, assumeOnly), role: foreignRole, code: "AccessDenied", status: 403},
		{name: "the caller's explicit deny", source: "reference_policies_evaluation-logic", trust: trusted(roleARN, assumeOnly),
			permissions: `{"Effect":"Deny","Action":"sts:AssumeRole","Resource":"*"}`, code: "AccessDenied", status: 403},
		{name: "the caller's session policy", source: "sts §1 Policy", trust: trusted(root, assumeOnly), permissions: allowAll,
			policy: `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`, code: "AccessDenied", status: 403},
		{name: "the session policy, the role trusted by name", source: "access_policies, «Session policies»", trust: trusted(roleARN, assumeOnly),
			policy: `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`, code: "AccessDenied", status: 403},
		{name: "the session policy, everyone trusted", source: "access_policies, «Session policies» (assumed)", trust: `{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}`,
			policy: `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`, code: "AccessDenied", status: 403},
		{name: "no external ID", source: "id_roles_common-scenarios_third-party", permissions: allowAll,
			trust: `{"Effect":"Allow","Principal":{"AWS":"` + root + `"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"x"}}}`, code: "AccessDenied", status: 403},
		{name: "another tag of the caller", source: "id_session-tags", trust: `{"Effect":"Allow","Principal":{"AWS":"` + roleARN + `"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:PrincipalTag/team":"photo"}}}`,
			claims: tagged(claims{"team": "video"}), code: "AccessDenied", status: 403},
		{name: "more than an hour", source: "sts §2", trust: trusted(roleARN, assumeOnly), change: func(in *sts.AssumeRoleInput) { in.DurationSeconds = aws.Int32(3601) },
			code: "ValidationError", status: 400, message: "1 hour session limit for roles assumed by role chaining"},
		{name: "tags without sts:TagSession", source: "id_session-tags", trust: trusted(roleARN, assumeOnly), change: func(in *sts.AssumeRoleInput) { in.Tags = tag2("team", "photo") },
			code: "AccessDenied", status: 403, message: "is not authorized to perform: sts:TagSession on resource: " + archiveRole},
		{name: "a source identity without sts:SetSourceIdentity", source: "sts §5", trust: trusted(roleARN, assumeOnly), change: func(in *sts.AssumeRoleInput) { in.SourceIdentity = aws.String("alice") },
			code: "AccessDenied", status: 403, message: "sts:SetSourceIdentity"},
		{name: "an inherited source identity", source: "sts §5", trust: trusted(roleARN, assumeOnly), claims: sourced("alice"), code: "AccessDenied", status: 403, message: "sts:SetSourceIdentity"},
		{name: "a changed source identity", source: "sts §5 (assumed: the code)", trust: trusted(roleARN, assumeAll), claims: sourced("alice"),
			change: func(in *sts.AssumeRoleInput) { in.SourceIdentity = aws.String("bob") }, code: "AccessDenied", status: 403},
		{name: "a transitive tag that is already set", source: "id_session-tags, «Chaining roles»", trust: trusted(roleARN, assumeAll), claims: tagged(claims{"team": "photo"}, "team"),
			change: func(in *sts.AssumeRoleInput) { in.Tags = tag2("Team", "video") }, code: "InvalidParameterValue", status: 400, message: "conflicts with a transitive tag key"},
		{name: "a transitive key without its tag", source: "id_session-tags", trust: trusted(roleARN, assumeAll), change: func(in *sts.AssumeRoleInput) { in.TransitiveTagKeys = []string{"team"} },
			code: "InvalidParameterValue", status: 400, message: "must be included in the requested tags"},
		{name: "a tag twice", source: "id_session-tags", trust: trusted(roleARN, assumeAll), change: func(in *sts.AssumeRoleInput) { in.Tags = tag2("team", "a", "TEAM", "b") },
			code: "InvalidParameterValue", status: 400, message: "Duplicate tag keys"},
		{name: "a tag key with 129 characters", source: "sts §2", trust: trusted(roleARN, assumeAll), change: func(in *sts.AssumeRoleInput) { in.Tags = tag2(string(make([]byte, 129)), "a") }, code: "ValidationError", status: 400},
		{name: "an external ID with one character", source: "API model", trust: trusted(roleARN, assumeAll), change: func(in *sts.AssumeRoleInput) { in.ExternalId = aws.String("x") }, code: "ValidationError", status: 400},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			b := newRoleBench(t, openTrust, row.permissions)
			b.archive(archiveRole, row.trust)
			b.archive(foreignRole, row.trust)
			caller, err := b.assume(row.claims, func(in *webIdentityInput) {
				if row.policy != "" {
					in.Policy = aws.String(string(b.text(row.policy)))
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			if row.role == "" {
				row.role = archiveRole
			}
			_, err = b.chain(caller, row.role, row.change)
			wantRefusal(t, row.source, err, row.code, row.status, row.message)
		})
	}
}

func TestChainAllows(t *testing.T) {
	t.Parallel()
	const permission = `{"Effect":"Allow","Action":"sts:*","Resource":"arn:aws:iam::*:role/Archive"}`
	for _, row := range []struct{ name, trust, permissions, role, policy string }{
		{"the role is trusted by name", trusted(roleARN, assumeAll), "", archiveRole, ""},
		{"the account is trusted, the caller permitted", trusted(root, assumeAll), permission, archiveRole, ""},
		{"another account's role", trusted(root, assumeAll), permission, foreignRole, ""},
		{"the session is trusted by name, in spite of its policy", trusted("arn:aws:sts::111122223333:assumed-role/PhotoUploader/alice@example.com", assumeAll), "", archiveRole, `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			b := newRoleBench(t, openTrust, row.permissions)
			b.archive(row.role, row.trust)
			caller, err := b.assume(nil, func(in *webIdentityInput) {
				if row.policy != "" {
					in.Policy = aws.String(string(b.text(row.policy)))
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := b.chain(caller, row.role, nil); err != nil {
				t.Error(err)
			}
		})
	}
}

// Role chaining passes on transitive tags and the source identity, and nothing of the web identity.
func TestChainKeeps(t *testing.T) {
	t.Parallel()
	b := newRoleBench(t, openTrust, "")
	b.archive(archiveRole, trusted(roleARN, assumeAll))
	token := tagged(claims{"team": "photo", "desk": "7"}, "team")
	token["https://aws.amazon.com/source_identity"] = "alice"
	onward, err := b.chain(b.session(token), archiveRole, func(in *sts.AssumeRoleInput) { in.Tags = tag2("job", "archive") })
	if err != nil {
		t.Fatal(err)
	}
	if len(onward.Tags) != 2 || onward.Tags["team"] != "photo" || onward.Tags["job"] != "archive" || onward.SourceIdentity != "alice" {
		t.Errorf("tags %v, source identity %q, want team, job and alice", onward.Tags, onward.SourceIdentity)
	}
	if got := onward.context(nil); len(got.Lookup(b.issuer.name()+":sub")) != 0 || got.Lookup("aws:PrincipalTag/team")[0] != "photo" ||
		got.Lookup("aws:SourceIdentity")[0] != "alice" || got.Lookup("aws:PrincipalArn")[0] != archiveRole {
		t.Errorf("the session's context is %v", got)
	}
	if onward.Principal != "arn:aws:sts::111122223333:assumed-role/Archive/onward" || onward.Subject != "" {
		t.Errorf("principal %s, subject %q", onward.Principal, onward.Subject)
	}
}

// Tag keys are compared ignoring case (id_session-tags): a transitive tag keeps its value.
func TestChainKeepsTagsIgnoringCase(t *testing.T) {
	t.Parallel()
	session := Session{Tags: map[string]string{"Team": "photo", "desk": "7"}, TransitiveTags: []string{"team"}}
	if got := session.inherited().values; len(got) != 1 || got["Team"] != "photo" {
		t.Errorf("inherited %v, want Team alone", got)
	}
}

// The condition keys of a web identity that are available in the session (iam §1), and those of every session.
func TestSessionContext(t *testing.T) {
	t.Parallel()
	b := newRoleBench(t, openTrust, "")
	session := b.session(claims{"azp": "app", "aud": "cli", "amr": []any{"pwd", "otp"}, "email": "a@example.com", "repository": "r"})
	context, host := session.context(nil), b.issuer.name()
	for key, want := range map[string]string{
		host + ":sub": "alice", host + ":aud": "app", host + ":amr": "pwd", host + ":oaud": "", host + ":email": "", host + ":repository": "",
		"aws:userid": roleID(roleARN) + ":alice@example.com", "aws:PrincipalArn": roleARN, "aws:PrincipalAccount": "111122223333",
		"aws:PrincipalType": "AssumedRole", "aws:TokenIssueTime": session.Issued.UTC().Format(time.RFC3339),
		"aws:FederatedProvider": "arn:aws:iam::111122223333:oidc-provider/" + host, "aws:SourceIdentity": "", "sts:RoleSessionName": "",
	} {
		got := context.Lookup(key)
		if want == "" && got != nil || want != "" && (len(got) == 0 || got[0] != want) {
			t.Errorf("%s = %q, want %q", key, got, want)
		}
	}
}

// Signatures that are invalid or have expired.
func TestSTSRefusesSignatures(t *testing.T) {
	t.Parallel()
	b := newRoleBench(t, openTrust, "")
	good := b.session(nil)
	ended := b.sts.sessions.issue(Session{Expiration: time.Now()}, 0)
	for name, row := range map[string]struct {
		session Session
		spoil   func(*Session)
		code    string
	}{
		"an unknown key":           {good, func(s *Session) { s.AccessKeyID = "ASIAUNKNOWN" }, "InvalidClientTokenId"},
		"another's session token":  {good, func(s *Session) { s.SessionToken = s.SecretAccessKey }, "InvalidClientTokenId"},
		"a wrong secret":           {good, func(s *Session) { s.SecretAccessKey = s.SessionToken }, "SignatureDoesNotMatch"},
		"a session that has ended": {ended, func(*Session) {}, "ExpiredToken"},
	} {
		row.spoil(&row.session)
		_, err := b.chain(row.session, archiveRole, nil)
		wantRefusal(t, name+" (common errors of the STS API)", err, row.code, 403, "")
		_, err = stsClient(b.sts).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{}, signedBy(row.session))
		wantRefusal(t, name+" (common errors of the STS API)", err, row.code, 403, "")
	}
	_, err := stsClient(b.sts).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: aws.String(archiveRole), RoleSessionName: aws.String("onward")})
	wantRefusal(t, "unsigned", err, "MissingAuthenticationToken", 403, "")
	_, err = stsClient(b.sts).GetSessionToken(t.Context(), &sts.GetSessionTokenInput{}, signedBy(good))
	wantRefusal(t, "GetSessionToken (sts §2)", err, "AccessDenied", 403, "")
	_, err = stsClient(b.sts).GetFederationToken(t.Context(), &sts.GetFederationTokenInput{Name: aws.String("me")}, signedBy(good))
	wantRefusal(t, "GetFederationToken (sts §2)", err, "AccessDenied", 403, "")
}

// Even an explicit deny does not block GetCallerIdentity (sts §1).
func TestCallerIdentityCannotBeDenied(t *testing.T) {
	t.Parallel()
	b := newRoleBench(t, openTrust, `{"Effect":"Deny","Action":"sts:*","Resource":"*"}`)
	session := b.session(nil)
	who, err := stsClient(b.sts).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{}, signedBy(session))
	if err != nil || *who.Arn != session.Principal {
		t.Errorf("GetCallerIdentity = %v, %v, want %s", who, err, session.Principal)
	}
}
