package io.github.gracefulshutdown;

import java.util.regex.Pattern;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import com.tngtech.archunit.library.GeneralCodingRules;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.context.annotation.Configuration;

/**
 * Rules for the dependencies between the packages, and for all code.
 *
 * @author The Graceful Shutdown authors
 */
@AnalyzeClasses(packages = "io.github.gracefulshutdown", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTests {

	private static final String ROOT = "io.github.gracefulshutdown";

	@ArchTest
	final ArchRule rootKnowsNoOtherPackage = ArchRuleDefinition.noClasses()
		.that()
		.resideInAPackage(ROOT)
		.should()
		.dependOnClassesThat(JavaClass.Predicates.resideInAPackage(ROOT + "..")
			.and(DescribedPredicate.not(JavaClass.Predicates.resideInAPackage(ROOT))));

	@ArchTest
	final ArchRule theTrackingKnowsTheRootOnly = ArchRuleDefinition.noClasses()
		.that()
		.resideInAPackage(ROOT + ".tracking..")
		.should()
		.dependOnClassesThat(JavaClass.Predicates.resideInAPackage(ROOT + "..")
			.and(DescribedPredicate.not(JavaClass.Predicates.resideInAnyPackage(ROOT, ROOT + ".tracking.."))));

	@ArchTest
	final ArchRule theEngineKnowsNoFamilyOfWork = ArchRuleDefinition.noClasses()
		.that()
		.resideInAPackage(ROOT + ".drain..")
		.should()
		.dependOnClassesThat(JavaClass.Predicates.resideInAPackage(ROOT + "..")
			.and(DescribedPredicate
				.not(JavaClass.Predicates.resideInAnyPackage(ROOT, ROOT + ".tracking..", ROOT + ".drain.."))));

	@ArchTest
	final ArchRule noFamilyOfWorkKnowsTheEngine = ArchRuleDefinition.noClasses()
		.that()
		.resideOutsideOfPackages(ROOT + ".drain..", ROOT + ".metrics..", ROOT + ".actuate..", ROOT + ".autoconfigure..")
		.should()
		.dependOnClassesThat()
		.resideInAPackage(ROOT + ".drain..");

	@ArchTest
	final ArchRule nothingKnowsTheAutoConfiguration = ArchRuleDefinition.noClasses()
		.that()
		.resideOutsideOfPackage("..autoconfigure..")
		.should()
		.dependOnClassesThat()
		.resideInAPackage(ROOT + ".autoconfigure..");

	@ArchTest
	final ArchRule jobsKnowNoRequests = ArchRuleDefinition.noClasses()
		.that()
		.resideInAPackage(ROOT + ".job..")
		.should()
		.dependOnClassesThat()
		.resideInAPackage(ROOT + ".web..");

	@ArchTest
	final ArchRule requestsKnowNoJobs = ArchRuleDefinition.noClasses()
		.that()
		.resideInAPackage(ROOT + ".web..")
		.should()
		.dependOnClassesThat()
		.resideInAPackage(ROOT + ".job..");

	@ArchTest
	final ArchRule executorsKnowNoJobsAndNoRequests = ArchRuleDefinition.noClasses()
		.that()
		.resideInAPackage(ROOT + ".executor..")
		.should()
		.dependOnClassesThat()
		.resideInAnyPackage(ROOT + ".job..", ROOT + ".web..");

	@ArchTest
	final ArchRule adaptersKnowNoOtherFamilyOfWork = ArchRuleDefinition.noClasses()
		.that()
		.resideInAnyPackage(ROOT + ".batch..", ROOT + ".dbscheduler..", ROOT + ".jobrunr..", ROOT + ".quartz..")
		.should()
		.dependOnClassesThat()
		.resideInAnyPackage(ROOT + ".executor..", ROOT + ".job..", ROOT + ".web..");

	@ArchTest
	final ArchRule quartz = onlyIn("..gracefulshutdown.quartz..", "org.quartz..",
			"org.springframework.scheduling.quartz..");

	@ArchTest
	final ArchRule dbScheduler = onlyIn("..gracefulshutdown.dbscheduler..", "com.github.kagkarlsson..");

	@ArchTest
	final ArchRule jobRunr = onlyIn("..gracefulshutdown.jobrunr..", "org.jobrunr..");

	@ArchTest
	final ArchRule batch = onlyIn("..gracefulshutdown.batch..", "org.springframework.batch..");

	@ArchTest
	final ArchRule camel = onlyIn("..gracefulshutdown.intake..", "org.apache.camel..");

	@ArchTest
	final ArchRule servletApi = onlyIn("..web.[servlet|reactive|tomcat|jetty]..", "jakarta.servlet..");

	@ArchTest
	final ArchRule reactor = ArchRuleDefinition.noClasses()
		.that()
		.resideOutsideOfPackages("..web.[reactive|netty]..", "..autoconfigure..")
		.and()
		.haveNameNotMatching(Pattern.quote(ROOT) + ".(job|actuate).(Default)?Reactive.*")
		.should()
		.dependOnClassesThat()
		.resideInAnyPackage("reactor..", "org.reactivestreams..");

	@ArchTest
	final ArchRule jetty = onlyIn("..web.jetty..", "org.eclipse.jetty..", "org.springframework.boot.jetty..");

	@ArchTest
	final ArchRule netty = onlyIn("..web.netty..", "io.netty..", "reactor.netty..",
			"org.springframework.boot.reactor.netty..");

	@ArchTest
	final ArchRule tomcat = onlyIn("..web.tomcat..", "org.apache.catalina..", "org.apache.coyote..",
			"org.apache.tomcat..", "org.springframework.boot.tomcat..");

	@ArchTest
	final ArchRule micrometer = onlyIn("..metrics..", "io.micrometer.core..");

	@ArchTest
	final ArchRule actuator = onlyIn("..actuate..", "org.springframework.boot.actuate..",
			"org.springframework.boot.health..");

	@ArchTest
	final ArchRule noCycles = SlicesRuleDefinition.slices().matching(ROOT + ".(**)").should().beFreeOfCycles();

	@ArchTest
	final ArchRule configurationsAreFinal = ArchRuleDefinition.classes()
		.that()
		.areMetaAnnotatedWith(Configuration.class)
		.or()
		.areAnnotatedWith(AutoConfiguration.class)
		.should()
		.haveModifier(JavaModifier.FINAL);

	@ArchTest
	final ArchRule noFieldInjection = GeneralCodingRules.NO_CLASSES_SHOULD_USE_FIELD_INJECTION;

	@ArchTest
	final ArchRule noSystemOut = GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;

	private static ArchRule onlyIn(String packageThatMay, String... libraries) {
		return ArchRuleDefinition.noClasses()
			.that()
			.resideOutsideOfPackages(packageThatMay, "..autoconfigure..")
			.should()
			.dependOnClassesThat()
			.resideInAnyPackage(libraries);
	}

}
