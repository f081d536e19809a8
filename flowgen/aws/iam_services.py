"""Services whose prefix in IAM differs from their name in Step Functions, apart from hyphens."""

from __future__ import annotations

from collections.abc import Mapping

IAM_SERVICES: Mapping[str, str] = {
    service: prefix
    for prefix, services in {
        "aco-automation": "computeoptimizerautomation",
        "agent-registry": "agentregistrycontrol",
        "aidevops": "devopsagent",
        "airflow": "mwaa",
        "airflow-serverless": "mwaaserverless",
        "aoss": "opensearchserverless",
        "apigateway": "apigatewayv2",
        "appconfig": "appconfigdata",
        "aps": "amp",
        "aws-marketplace": (
            "marketplaceagreement marketplacecatalog marketplacedeployment marketplacediscovery marketplaceentitlement "
            "marketplaceentitlementservice marketplacemetering marketplacereporting"
        ),
        "bedrock": "bedrockagent bedrockagentruntime bedrockdataautomation bedrockdataautomationruntime bedrockruntime",
        "bedrock-agentcore": "bedrockagentcorecontrol",
        "cases": "connectcases",
        "cassandra": "keyspaces keyspacesstreams",
        "ce": "costexplorer",
        "chime": "chimesdkidentity chimesdkmediapipelines chimesdkmeetings chimesdkmessaging chimesdkvoice",
        "cloudformation": "cloudcontrol",
        "cloudhsm": "cloudhsmv2",
        "cloudsearch": "cloudsearchdomain",
        "cloudwatch": "cloudwatchomni",
        "cognito-idp": "cognitoidentityprovider",
        "config": "configservice",
        "connect": "connectcontactlens connectparticipant",
        "connect-campaigns": "connectcampaignsv2",
        "cur": "costandusagereport costandusagereportservice",
        "discovery": "applicationdiscovery applicationdiscoveryservice",
        "dms": "databasemigration databasemigrationservice",
        "ds": "directory directoryservice",
        "ds-data": "directoryservicedata",
        "dynamodb": "dynamodbstreams",
        "elasticfilesystem": "efs",
        "elasticloadbalancing": "elasticloadbalancingv2",
        "elasticmapreduce": "emr",
        "es": "elasticsearch elasticsearchservice opensearch",
        "events": "eventbridge eventbridgev2",
        "forecast": "forecastquery",
        "geo": "location",
        "greengrass": "greengrassv2",
        "health-agent": "connecthealth",
        "iot": "iotdataplane iotjobsdataplane iotsecuretunneling",
        "ivs": "ivsrealtime",
        "kinesisanalytics": "kinesisanalyticsv2",
        "kinesisvideo": "kinesisvideoarchivedmedia kinesisvideomedia kinesisvideosignaling kinesisvideowebrtcstorage",
        "lambda": "lambdacore lambdamicrovms lambdaweb",
        "lex": "lexmodelbuilding lexmodelbuildingservice lexmodelsv2 lexruntime lexruntimeservice lexruntimev2",
        "logs": "cloudwatchlogs",
        "mediastore": "mediastoredata",
        "mgh": "migrationhub migrationhubconfig",
        "mobiletargeting": "pinpoint",
        "neptune-db": "neptunedata",
        "partnercentral": "partnercentralrevenuemeasurement",
        "payment-cryptography": "paymentcryptographydata",
        "personalize": "personalizeevents personalizeruntime",
        "profile": "customerprofiles",
        "rds": "docdb neptune",
        "refactor-spaces": "migrationhubrefactorspaces",
        "resiliencehub": "resiliencehubv2",
        "s3": "s3control",
        "sagemaker": (
            "sagemakera2iruntime sagemakeredge sagemakerfeaturestoreruntime sagemakerjobruntime "
            "sagemakermetrics sagemakerruntime sagemakertrainingsessionruntime"
        ),
        "scn": "supplychain",
        "sdb": "simpledb simpledbv2",
        "serverlessrepo": "serverlessapplicationrepository",
        "servicecatalog": "servicecatalogappregistry",
        "ses": "mailmanager pinpointemail sesv2",
        "signer": "signerdata",
        "sms-voice": "pinpointsmsvoice pinpointsmsvoicev2",
        "sso": "ssoadmin",
        "sso-oauth": "ssooidc",
        "states": "sfn",
        "tax": "taxsettings",
        "thinclient": "workspacesthinclient",
        "timestream": "timestreamquery timestreamwrite",
        "wisdom": "qconnect",
    }.items()
    for service in services.split()
}
"""The names of `aws-sdk:` integrations and their prefixes, found by comparing the operations of the SDK's models with
the actions of the service authorization reference."""
