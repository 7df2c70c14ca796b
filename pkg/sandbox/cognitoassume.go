package sandbox

import (
	"strings"
	"time"
)

// assumption is the enhanced flow's request to STS: GetOpenIdToken and AssumeRoleWithWebIdentity in one (AWS guide,
// authentication-flow). The token is Cognito's own and needs no verification.
type assumption struct {
	roleARN     string
	sessionName string
	duration    time.Duration
	token       openIDToken
	policy      string // a session policy, or ""
	explain     func(why string)
}

func (c *Cognito) assumptionOf(who caller, role string) assumption {
	a := assumption{roleARN: role, sessionName: "CognitoIdentityCredentials", duration: c.SessionLife, token: c.openIDTokenOf(who)}
	if len(who.logins) == 0 {
		a.policy = guestPolicy()
	}
	return a
}

// assumeAnyRole issues a session without checking the trust policy. In the session's policies, sub is the identity ID
// instead of the ID token's sub.
func (c *Cognito) assumeAnyRole(a assumption) (Session, error) {
	return c.sessions.issue(Session{
		Expiration: c.Now().Add(a.duration),
		RoleARN:    a.roleARN,
		Principal:  assumedARN(a.roleARN, a.sessionName),
		UserID:     roleID(a.roleARN) + ":" + a.sessionName,
		IdentityID: a.token.IdentityID,
	}, 0), nil
}

// guestServices are the services of the inline session policy that limits guests in the enhanced flow (AWS guide,
// iam-roles). The managed AmazonCognitoUnAuthedIdentitiesSessionPolicy adds no service of the sandbox.
const guestServices = `cloudwatch:* logs:* dynamodb:* kinesis:* mobileanalytics:* s3:* ses:* sns:* sqs:* lambda:*
	machinelearning:* execute-api:* iot:* gamelift:* cognito-identity:* cognito-idp:* lex:* polly:* comprehend:*
	translate:* transcribe:* rekognition:* mobiletargeting:* firehose:* appsync:* personalize:*
	sagemaker:InvokeEndpoint cognito-sync:* codewhisperer:* textract:DetectDocumentText textract:AnalyzeDocument sdb:*`

func guestPolicy() string {
	actions := strings.Join(strings.Fields(guestServices), `","`)
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["` + actions + `"],"Resource":["*"]}]}`
}
