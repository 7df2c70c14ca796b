package policy

import (
	"encoding/json"
	"testing"
)

// Sources of the tables' rows. Pages without a host are under https://docs.aws.amazon.com/IAM/latest/UserGuide/.
const (
	operatorsPage    = "reference_policies_elements_condition_operators"
	conditionPage    = "reference_policies_elements_condition"
	setPage          = "reference_policies_multi-value-conditions"
	variablesPage    = "reference_policies_variables"
	grammarPage      = "reference_policies_grammar"
	resourcePage     = "reference_policies_elements_resource"
	actionPage       = "reference_policies_elements_action"
	notActionPage    = "reference_policies_elements_notaction"
	notResourcePage  = "reference_policies_elements_notresource"
	principalPage    = "reference_policies_elements_principal"
	notPrincipalPage = "reference_policies_elements_notprincipal"
	versionPage      = "reference_policies_elements_version"
	logicPage        = "reference_policies_evaluation-logic"
	conditionKeys    = "reference_policies_iam-condition-keys"
	cognitoTrust     = "https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html"
	setOperators     = "https://iam.cloudcopilot.io/resources/operators/ForAnyValue:StringEqualsIgnoreCaseIfExists"
	validatorTests   = "IAM's answers as getmoto/moto records them"
	assumed          = "assumed"
)

func parsed(t *testing.T, text string) Document {
	t.Helper()
	d, err := Parse([]byte(text))
	if err != nil {
		t.Fatalf("Parse(%s): %v", text, err)
	}
	return d
}

// document wraps statements, written as JSON, in a document of the current version.
func document(t *testing.T, statements string) Document {
	t.Helper()
	return parsed(t, `{"Version": "2012-10-17", "Statement": `+statements+`}`)
}

func quotedJSON(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
